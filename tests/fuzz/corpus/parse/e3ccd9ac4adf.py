# reader and compute both (fill) the 
# run: -D M=70 -D N=64 --input mode=range(0,464
import numpy as np
import tilelang.language as T

CASES = [dict(M=150, N=)), dict(M=33, N=20)]


def modes(M, N, BM=32):
    @T.prim_func
# stage: 1   target: cuda
            with T.Kernel(T.ceildiv(M, BM, threads=128) as b:
# reader and compute both (fill) the 
