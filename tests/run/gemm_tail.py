# run: -D M=70 -D N=72 -D K=212
"""The K loop in three pieces: a first tile before it, whole tiles in it, and a narrower tile for what is left."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=212), dict(M=70, N=72, K=32), dict(M=70, N=72, K=64), dict(M=70, N=72, K=80)]


def tail(M, N, K, BM=64, BN=64, BK=32, dtype="float16"):
    whole, rest = K // BK, K % BK

    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.copy(A[by * BM, 0], A_s)
            T.copy(B[0, bx * BN], B_s)
            T.gemm(A_s, B_s, acc, clear_accum=True)
            for k in T.Pipelined(1, whole, num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc)
            if rest > 0:
                for k in T.Pipelined(T.ceildiv(rest, 16), num_stages=2):
                    A_t = T.alloc_shared((BM, 16), dtype)
                    B_t = T.alloc_shared((16, BN), dtype)
                    T.copy(A[by * BM, whole * BK + k * 16], A_t)
                    T.copy(B[whole * BK + k * 16, bx * BN], B_t)
                    T.gemm(A_t, B_t, acc)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)))}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"])}
