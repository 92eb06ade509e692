# run: -D M=40 -D N=70
"""Tensors of bools: read, combined, counted, written."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=70), dict(M=1, N=32)]


def masks(M, N, BM=32, BN=32):
    @T.prim_func
    def main(
        X: T.Tensor((M, N), "float32"),
        keep: T.Tensor((M, N), "bool"),
        col: T.Tensor((N,), "bool"),
        Y: T.Tensor((M, N), "float32"),
        both: T.Tensor((M, N), "bool"),
        count: T.Tensor((M, T.ceildiv(N, BN)), "int32"),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            ones = T.alloc_fragment((BM, BN), "int32")
            sums = T.alloc_fragment((BM,), "int32")
            for i, j in T.Parallel(BM, BN):
                Y[by * BM + i, bx * BN + j] = T.if_then_else(
                    keep[by * BM + i, bx * BN + j] and not col[bx * BN + j], X[by * BM + i, bx * BN + j], -1.0)
            for i, j in T.Parallel(BM, BN):
                both[by * BM + i, bx * BN + j] = keep[by * BM + i, bx * BN + j] == col[bx * BN + j]
            for i, j in T.Parallel(BM, BN):
                ones[i, j] = T.cast(keep[by * BM + i, bx * BN + j] or X[by * BM + i, bx * BN + j] > 0.5, "int32")
            T.reduce_sum(ones, sums, dim=1)
            for i in T.Parallel(BM):
                count[by * BM + i, bx] = sums[i]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N))), "keep": ("bool", rng.integers(0, 2, (M, N))), "col": ("bool", rng.integers(0, 2, N))}


def ref(a, M, N, BN=32, **_):
    keep, col, x = a["keep"].astype(bool), a["col"].astype(bool)[None], a["X"]
    ones = keep | (x > 0.5)
    return {"Y": ("float32", np.where(keep & ~col, x, -1)), "both": ("bool", keep == col),
            "count": ("int32", np.stack([ones[:, k : k + BN].sum(1) for k in range(0, N, BN)], 1).astype(np.int32))}
