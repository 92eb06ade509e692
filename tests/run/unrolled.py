# run: -D M=5 -D N=96
"""Loops of every kind on small local arrays: unrolled, vectorised, serial with a step, and downwards."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=5, N=96), dict(M=1, N=32)]


def loops(M, N, block=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32"), Z: T.Tensor((M, 8), "float32")):
        with T.Kernel(M, threads=128) as r:
            x = T.alloc_shared((N,), "float32")
            y = T.alloc_shared((N,), "float32")
            few = T.alloc_local((8,), "float32")
            T.copy(X[r, 0:N], x)
            for q in T.serial(N // block):
                for i in T.Parallel(block):
                    y[q * block + i] = x[q * block + i]
                for u in T.unroll(3):
                    for i in T.Parallel(block):
                        y[q * block + i] = y[q * block + i] * 0.5 + u
            for v in T.vectorized(8):
                few[v] = x[v] * 2.0
            for v in range(2, 8, 3):
                few[v] = few[v] + 100.0
            for v in range(7, 0, -1):
                few[v] = few[v] + few[v - 1]
            T.copy(y, Y[r, 0:N])
            for v in T.serial(8):
                Z[r, v] = few[v]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, **_):
    y = a["X"]
    for u in range(3):
        y = y * 0.5 + u
    few = a["X"][:, :8] * 2
    few[:, [2, 5]] += 100
    for v in range(7, 0, -1):
        few[:, v] += few[:, v - 1]
    return {"Y": ("float32", y), "Z": ("float32", few)}
