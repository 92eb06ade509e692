# run: -D b=3 -D m=40 -D n=50
"""Sizes that are open in several places: in shapes, in products and sums of them, in the grid, in trip counts, as values."""
import numpy as np
import tilelang.language as T

CASES = [dict(b=3, m=40, n=50), dict(b=1, m=1, n=1), dict(b=2, m=64, n=33)]
OPEN = {"b", "m", "n"}


def dynamic(BM=32, BN=32):
    b = T.dynamic("b")
    m, n = T.dynamic("m, n")

    @T.prim_func
    def main(
        X: T.Tensor((b, m, n), "float32"),
        wide: T.Tensor((b * m, n + 2), "float32"),
        Y: T.Tensor((b, m, n), "float32"),
        mean: T.Tensor((m, b), "float32"),
    ):
        with T.Kernel(T.ceildiv(n, BN), T.ceildiv(m, BM), b, threads=128) as (bx, by, bz):
            for i, j in T.Parallel(BM, BN):
                if by * BM + i < m:
                    Y[bz, by * BM + i, bx * BN + j] = X[bz, by * BM + i, bx * BN + j] + wide[bz * m + by * BM + i, bx * BN + j + 2] * n

        with T.Kernel(T.ceildiv(m, BM), b, threads=128) as (by, bz):
            x = T.alloc_shared((BM, BN), "float32")
            s = T.alloc_fragment((BM,), "float32")
            T.clear(s)
            for k in T.Pipelined(T.ceildiv(n, BN), num_stages=2):
                T.copy(X[bz, by * BM : (by + 1) * BM, k * BN : (k + 1) * BN], x)
                T.reduce_sum(x, s, dim=1, clear=False)
            for i in T.Parallel(BM):
                mean[by * BM + i, bz] = s[i] / T.cast(n, "float32")

    return main


def inputs(rng, b, m, n, **_):
    return {"X": ("float32", rng.standard_normal((b, m, n))), "wide": ("float32", rng.standard_normal((b * m, n + 2)))}


def ref(a, b, m, n, **_):
    return {"Y": ("float32", a["X"] + a["wide"].reshape(b, m, n + 2)[:, :, 2:] * n), "mean": ("float32", a["X"].mean(2).T)}
