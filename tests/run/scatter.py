# run: -D n=70 -D w=40 --input where=perm
"""Rows go where an index says: a permutation, with the entries that point nowhere left out."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=70, w=40), dict(n=33, w=20, dtype="bfloat16")]


def scatter(n, w, BN=32, dtype="float32"):
    @T.prim_func
    def main(X: T.Tensor((n, w), dtype), where: T.Tensor((n,), "int32"), Y: T.Tensor((n, w), dtype)):
        with T.Kernel(T.ceildiv(n, BN), threads=128) as b:
            x = T.alloc_shared((BN, w), dtype)
            T.copy(X[b * BN, 0], x)
            for i, j in T.Parallel(BN, w):
                if b * BN + i < n:
                    Y[where[b * BN + i], j] = x[i, j]

    return main


def inputs(rng, n, w, dtype="float32", **_):
    where = rng.permutation(n)
    where[::7] = -1
    return {"X": (dtype, rng.standard_normal((n, w))), "where": ("int32", where), "Y": (dtype, rng.standard_normal((n, w)))}


def ref(a, dtype="float32", **_):
    y = a["Y"].copy()
    keep = a["where"] >= 0
    y[a["where"][keep]] = a["X"][keep]
    return {"Y": (dtype, y)}
