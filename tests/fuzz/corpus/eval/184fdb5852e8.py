import numpy as np
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def persistent(A: T.Tensor((7, 13), "int32"), B: T.Tensor((n, 4), "int32")):
    with T.Kernel(5, threads=128) as b:
# T.Persistent: the tiles of a block when  blocks than tiles run; constant and dynamic domains
        for i in T.Persistent([n], wave_size=5, index=b, A=1):
            B[i, 0] = i
