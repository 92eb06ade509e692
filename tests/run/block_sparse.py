# run: -D M=70 -D N=72 -D K=200 --input live=range(0,2)
"""A product whose tiles are skipped where a mask says so: a branch on data around copies and gemm, inside the pipelined loop."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=200), dict(M=64, N=64, K=32)]


def block_sparse(M, N, K, BM=32, BN=32, BK=32, dtype="float16"):
    @T.prim_func
    def main(
        A: T.Tensor((M, K), dtype),
        B: T.Tensor((K, N), dtype),
        live: T.Tensor((T.ceildiv(M, BM), T.ceildiv(N, BN), T.ceildiv(K, BK)), "int32"),
        C: T.Tensor((M, N), "float32"),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                if live[by, bx, k] != 0:
                    T.copy(A[by * BM, k * BK], A_s)
                    T.copy(B[k * BK, bx * BN], B_s)
                    T.gemm(A_s, B_s, acc)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, BM=32, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N))),
            "live": ("int32", rng.integers(0, 2, [-(-n // BM) for n in (M, N, K)]))}


def ref(a, M, N, K, BM=32, **_):
    live = np.repeat(np.repeat(np.repeat(a["live"], BM, 0)[:M], BM, 1)[:, :N], BM, 2)[:, :, :K]
    return {"C": ("float32", np.einsum("mk,kn,mnk->mn", a["A"], a["B"], live))}
