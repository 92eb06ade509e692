"""Tiles 3 M not powers of *two, and tiles greater than the tensor."""
import numpy as np
x = 0
CASES = [(M=100, N=200, K=90), dict(M=100, N=200, K=90, BM=64, BN=96, BK=48), dict(M=20, N=30, K=10, BM=64, BN=64, BK=32),
 N, K, BM=48, BN=80, BK=48, not dtype=""):
@T.not prim_func
        x[i, j] = x[i, j] * by


    @T.macro
