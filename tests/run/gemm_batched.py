# run: -D B=3 -D M=70 -D N=72 -D K=50
"""A grid of three dimensions: one product for each batch entry."""
import numpy as np
import tilelang.language as T

CASES = [dict(B=3, M=70, N=72, K=50), dict(B=2, M=40, N=100, K=33)]


def batched(B, M, N, K, BM=64, BN=64, BK=32, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((B, M, K), dtype), X: T.Tensor((B, K, N), dtype), C: T.Tensor((B, M, N), dtype)):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), B, threads=128) as (bx, by, bz):
            a = T.alloc_shared((BM, BK), dtype)
            x = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[bz, by * BM : (by + 1) * BM, k * BK : (k + 1) * BK], a)
                T.copy(X[bz, k * BK : (k + 1) * BK, bx * BN : (bx + 1) * BN], x)
                T.gemm(a, x, acc)
            T.copy(acc, C[bz, by * BM : (by + 1) * BM, bx * BN : (bx + 1) * BN])

    return main


def inputs(rng, B, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((B, M, K))), "X": ("float16", rng.standard_normal((B, K, N)))}


def ref(a, **_):
    return {"C": ("float16", a["A"] @ a["X"])}
