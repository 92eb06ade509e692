# run:
"""Loads with a small box become staged copies: shifted, backwards, strided, a column, a window; a store likewise."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((100, 70), "float32"), v: T.Tensor((80,), "float32"), C: T.Tensor((64, 64), "float32")):
    with T.Kernel(2, threads=128) as bx:
        for i, j in T.Parallel(32, 64):
            C[bx * 32 + i, j] = A[bx * 32 + i + 3, j + 1] + v[63 - j] + v[2 * i] * A[j, 5]
        for i in T.Parallel(32):
            for k in T.serial(5):
                C[bx * 32 + i, 3] = v[bx * 32 + i + k] + A[i + k, k]
