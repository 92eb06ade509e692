# run: -D A=2 -D B=3 -D C=4
"""Tensors of five axes, and of one element: most axes fixed by the block's numbers, a parallel nest of four."""
import numpy as np
import tilelang.language as T

CASES = [dict(A=2, B=3, C=4), dict(A=1, B=1, C=1)]


def five(A, B, C, D=5, E=24):
    @T.prim_func
    def main(
        X: T.Tensor((A, B, C, D, E), "float32"),
        k: T.Tensor((1,), "float32"),
        Y: T.Tensor((E, D, C, B, A), "float32"),
        Z: T.Tensor((A, B, C, D, E), "float32"),
        last: T.Tensor((1,), "float32"),
    ):
        with T.Kernel(C, B, A, threads=128) as (c, b, a):
            x = T.alloc_shared((D, E), "float32")
            T.copy(X[a, b, c, :, :], x)
            for d, e in T.Parallel(D, E):
                Y[e, d, c, b, a] = x[d, e] * k[0]
        with T.Kernel(A, threads=128) as a:
            for b, c, d, e in T.Parallel(B, C, D, E):
                Z[a, b, c, d, e] = X[a, b, c, d, e] + Y[e, d, c, b, a]
            if a == A - 1:
                last[0] = X[A - 1, B - 1, C - 1, D - 1, E - 1]

    return main


def inputs(rng, A, B, C, D=5, E=24, **_):
    return {"X": ("float32", rng.standard_normal((A, B, C, D, E))), "k": ("float32", rng.standard_normal(1))}


def ref(a, **_):
    x, k = a["X"], a["k"][0]
    return {"Y": ("float32", x.T * k), "Z": ("float32", x + x * k), "last": ("float32", x.ravel()[-1:])}
