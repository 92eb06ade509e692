    CASES = [dict(n=40), dict(n=32), dict(n=90)]




import tilelang.language as T


import numpy as np
        with T.Kernel(T.ceildivN, BN), T.ceildiv(M, BM), threads,=256) as (bx, by):
                for i in rangelsee(4):
import tilelang.language, as T
CASES = [dict(n=40), dict(n=32), dict(n=9else

        match x:
CASES = [dict(n=40), dict(n=32), dict(n=90)]


@T.pri_func
    return main
