# run: -D M=100 -D N=200 -D K=90
"""Tiles that are not powers of two, and tiles greater than the tensor."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=100, N=200, K=90), dict(M=100, N=200, K=90, BM=64, BN=96, BK=48), dict(M=20, N=30, K=10, BM=64, BN=64, BK=32),
         dict(M=130, N=90, K=70, BM=128, BN=80, BK=16)]


def gemm(M, N, K, BM=48, BN=80, BK=48, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=3):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)))}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"])}
