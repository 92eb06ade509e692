# run: -D n=64
"""Infinities and NaN go through arithmetic, comparisons, selections and reductions as IEEE 754 says; maxima leave NaN out."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=64), dict(n=40, dtype="bfloat16"), dict(n=40, dtype="float16")]


def specials(n, block=32, dtype="float32"):
    @T.prim_func
    def main(X: T.Tensor((n,), dtype), Y: T.Tensor((7, n), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            for t in T.Parallel(block):
                i = b * block + t
                x = T.cast(X[i], "float32")
                Y[0, i] = x + 1.0
                Y[1, i] = T.if_then_else(x != x, 5.0, x)
                Y[2, i] = T.if_then_else(x > 0.0, 1.0, T.if_then_else(x < 0.0, -1.0, 0.0))
                Y[3, i] = T.max(x, 0.0)
                Y[4, i] = T.exp(x)
                Y[5, i] = 1.0 / x
                Y[6, i] = x - x

    return main


def inputs(rng, n, dtype="float32", **_):
    x = rng.standard_normal(n)
    x[1::5], x[2::5], x[3::5], x[4::10], x[9::10] = np.inf, -np.inf, np.nan, 0.0, -0.0
    return {"X": (dtype, x)}


def ref(a, **_):
    x = a["X"]
    with np.errstate(all="ignore"):
        rows = [x + 1, np.where(np.isnan(x), 5, x), np.where(x > 0, 1, np.where(x < 0, -1, 0)), np.fmax(x, 0), np.exp(x), 1 / x, x - x]
    return {"Y": ("float32", np.stack(rows))}
