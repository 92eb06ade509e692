# run: -D M=70 -D N=64
"""Products of parts: columns of a tile, a fragment as the left side, a part of the sums, small and thin shapes."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=64), dict(M=64, N=32, dtype="bfloat16"), dict(M=70, N=64, BM=64)]


def operands(M, N, BM=32, K=64, dtype="float16"):
    @T.prim_func
    def main(
        A: T.Tensor((M, K), dtype),
        B: T.Tensor((K, N), dtype),
        C: T.Tensor((M, N), "float32"),
        D: T.Tensor((M, N), "float32"),
        E: T.Tensor((M, 16), "float32"),
    ):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            a = T.alloc_shared((BM, K), dtype)
            b = T.alloc_shared((K, N), dtype)
            f = T.alloc_fragment((BM, K), dtype)
            c = T.alloc_fragment((BM, N), "float32")
            e = T.alloc_fragment((BM, 16), "float32")
            T.copy(A[by * BM, 0], a)
            T.copy(B, b)
            T.gemm(a[:, 0:32], b[0:32, :], c, clear_accum=True)
            T.gemm(a[:, 32:48], b[32:48, :], c)
            T.copy(c, C[by * BM, 0])
            for i, k in T.Parallel(BM, K):
                f[i, k] = a[i, k] * T.cast(2, dtype)
            T.gemm(f, b, c, clear_accum=True)
            T.copy(c, D[by * BM, 0])
            T.gemm(a, b[:, 8:24], e, clear_accum=True)
            T.copy(e, E[by * BM, 0])

    return main


def inputs(rng, M, N, K=64, dtype="float16", **_):
    return {"A": (dtype, rng.standard_normal((M, K))), "B": (dtype, rng.standard_normal((K, N)))}


def ref(a, **_):
    A, B = a["A"], a["B"]
    return {"C": ("float32", A[:, :48] @ B[:48]), "D": ("float32", 2 * A @ B), "E": ("float32", A @ B[:, 8:24])}
