# run: -D M=40 -D N=40 -D K=161
"""Loops that run never, once, and many times, with rings of one to four slots."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=40, K=k, stages=s) for k, s in ((0, 2), (1, 3), (32, 1), (33, 4), (161, 2), (320, 4), (300, 0))]


def gemm(M, N, K, stages=2, BM=32, BN=32, BK=32, dtype="bfloat16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=stages):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("bfloat16", rng.standard_normal((M, K))), "B": ("bfloat16", rng.standard_normal((K, N)))}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"])}
