# run: -D M=70 -D N=72 -D K=90
"""A product of narrow numbers, scaled by row and by column behind the loop."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=90), dict(M=70, N=72, K=90, dtype="float16")]


def scaled(M, N, K, BM=64, BN=64, BK=32, dtype="float8_e4m3fn"):
    @T.prim_func
    def main(
        A: T.Tensor((M, K), dtype),
        B: T.Tensor((N, K), dtype),
        sa: T.Tensor((M,), "float32"),
        sb: T.Tensor((N,), "float32"),
        C: T.Tensor((M, N), "bfloat16"),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BN, BK), dtype)
            C_s = T.alloc_shared((BM, BN), "bfloat16")
            rows = T.alloc_fragment((BM,), "float32")
            acc = T.alloc_fragment((BM, BN), "float32")
            T.copy(sa[by * BM : (by + 1) * BM], rows)
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[bx * BN, k * BK], B_s)
                T.gemm(A_s, B_s, acc, transpose_B=True)
            for i, j in T.Parallel(BM, BN):
                C_s[i, j] = acc[i, j] * rows[i] * sb[bx * BN + j]
            T.copy(C_s, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, dtype="float8_e4m3fn", **_):
    return {"A": (dtype, rng.standard_normal((M, K))), "B": (dtype, rng.standard_normal((N, K))),
            "sa": ("float32", rng.uniform(0.5, 2, M)), "sb": ("float32", rng.uniform(0.5, 2, N))}


def ref(a, **_):
    return {"C": ("bfloat16", a["A"] @ a["B"].T * a["sa"][:, None] * a["sb"][None])}
