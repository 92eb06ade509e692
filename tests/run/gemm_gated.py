# run: -D M=70 -D N=72 -D K=90
"""silu(A G) * (A U): one loop, two products of the same rows."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=90), dict(M=70, N=72, K=20, dtype="float16")]


def gated(M, N, K, BM=64, BN=64, BK=32, dtype="bfloat16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), G: T.Tensor((K, N), dtype), U: T.Tensor((K, N), dtype), C: T.Tensor((M, N), dtype)):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            G_s = T.alloc_shared((BK, BN), dtype)
            U_s = T.alloc_shared((BK, BN), dtype)
            g = T.alloc_fragment((BM, BN), "float32")
            u = T.alloc_fragment((BM, BN), "float32")
            T.clear(g)
            T.clear(u)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(G[k * BK, bx * BN], G_s)
                T.gemm(A_s, G_s, g)
                T.copy(U[k * BK, bx * BN], U_s)
                T.gemm(A_s, U_s, u)
            for i, j in T.Parallel(BM, BN):
                u[i, j] = g[i, j] / (1.0 + T.exp(-g[i, j])) * u[i, j]
            T.copy(u, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, dtype="bfloat16", **_):
    return {"A": (dtype, rng.standard_normal((M, K))), "G": (dtype, rng.standard_normal((K, N)) / 8), "U": (dtype, rng.standard_normal((K, N)) / 8)}


def ref(a, dtype="bfloat16", **_):
    g, u = a["A"] @ a["G"], a["A"] @ a["U"]
    return {"C": (dtype, g / (1 + np.exp(-g)) * u)}
