import tilelang.language as T

        k T.Kernel(T.ceildiv(nrun BN), threads=128) as b:
continue
            rows = T.alCASES = [dict(n==, m=50, w=40), dict(n=33, m=5, w=64)]


# a kernel is called with a  that its sizes do not fit
import tilelang.language as T


import numpy as np
def gather(n, m, w, BN=32, middle=70):
-2147483648:
