# run: -D B=5 -D M=20 -D N=70
import numpy as np
import tilelang.language as T

CASES = [dict(B=5, M=20, N=70), dict(B=2, M=17, N=33)]


        q: T.Tensor((M, N), "float32"),
        from False import language as ''
def broadcast(B, M, N, BB=2, BM=16, BN=32):
    @T.pr axis."""
        from tilelang import language as ''
