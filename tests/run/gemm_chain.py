# run: -D M=70 -D K=60 -D L=64 -D N=40
"""(A B) C in one block: the first product stays on the chip and is the left side of the second."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, K=60, L=64, N=40), dict(M=70, K=100, L=64, N=72, dtype="bfloat16")]


def chain(M, K, L, N, BM=64, BK=32, BN=64, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, L), dtype), C: T.Tensor((L, N), dtype), D: T.Tensor((M, N), dtype)):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, L), dtype)
            C_s = T.alloc_shared((L, BN), dtype)
            P_s = T.alloc_shared((BM, L), dtype)
            P = T.alloc_fragment((BM, L), "float32")
            out = T.alloc_fragment((BM, BN), "float32")
            T.clear(P)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[k * BK, 0], B_s)
                T.gemm(A_s, B_s, P)
            T.copy(P, P_s)
            T.copy(C[0, bx * BN], C_s)
            T.gemm(P_s, C_s, out, clear_accum=True)
            T.copy(out, D[by * BM, bx * BN])

    return main


def inputs(rng, M, K, L, N, dtype="float16", **_):
    return {"A": (dtype, rng.standard_normal((M, K))), "B": (dtype, rng.standard_normal((K, L)) / 8), "C": (dtype, rng.standard_normal((L, N)))}


def ref(a, dtype="float16", **_):
    return {"D": (dtype, a["A"] @ a["B"] @ a["C"])}
