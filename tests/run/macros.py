# run: -D M=70 -D N=100
"""Macros with tiles and numbers as arguments, that call each other and give values back."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=33, N=32)]


@T.macro
def scale(x, by, rows, cols):
    for i, j in T.Parallel(rows, cols):
        x[i, j] = x[i, j] * by


@T.macro
def squash(x, s, rows, cols):
    half = 0.5 * s
    scale(x, half, rows, cols)
    for i, j in T.Parallel(rows, cols):
        x[i, j] = T.tanh(x[i, j])


def with_macros(M, N, BM=32, BN=32):
    @T.macro
    def load(src, dst, r, c):
        T.copy(src[r * BM : (r + 1) * BM, c * BN : (c + 1) * BN], dst)
        return r * BM, c * BN

    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            x = T.alloc_fragment((BM, BN), "float32")
            row, col = load(X, x, by, bx)
            squash(x, 4.0, BM, BN)
            T.copy(x, Y[row, col])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, **_):
    return {"Y": ("float32", np.tanh(a["X"] * 2))}
