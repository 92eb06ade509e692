"""T.reduce_absmax(clear=False): magnitudes of the source, joined with what is there as it is, negative or not; along rows and columns, floats and integers."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(), dict(scale=8.0)]


def absmax_more(scale=0.01):
    @T.prim_func
    def kernel(A: T.Tensor((32, 64), "float32"), D: T.Tensor((32, 5), "int32"), R: T.Tensor((32,), "float32"), C: T.Tensor((64,), "float32"), I: T.Tensor((32,), "int32")):
        with T.Kernel(1, threads=128) as b:
            a = T.alloc_shared((32, 64), "float32")
            d = T.alloc_shared((32, 5), "int32")
            rows = T.alloc_fragment((32,), "float32")
            columns = T.alloc_fragment((64,), "float32")
            ints = T.alloc_fragment((32,), "int32")
            T.copy(A, a)
            T.copy(D, d)
            for i, j in T.Parallel(32, 64):
                a[i, j] = a[i, j] * scale
            T.copy(R, rows)
            T.copy(C, columns)
            T.copy(I, ints)
            T.reduce_absmax(a, rows, dim=1, clear=False)
            T.reduce_absmax(a, columns, dim=0, clear=False)
            T.reduce_absmax(d, ints, dim=1, clear=False)
            T.copy(rows, R)
            T.copy(columns, C)
            T.copy(ints, I)
    return kernel


def inputs(rng, **_):
    return {"A": ("float32", rng.integers(-64, 65, (32, 64)) / 64), "D": ("int32", rng.integers(-2, 3, (32, 5))), "R": ("float32", rng.integers(-9, 2, 32)),
            "C": ("float32", rng.integers(-9, 2, 64)), "I": ("int32", rng.integers(-9, 2, 32))}


def ref(given, scale=0.01):
    a = np.abs(given["A"] * scale)
    return {"R": ("float32", np.maximum(given["R"], a.max(1))), "C": ("float32", np.maximum(given["C"], a.max(0))),
            "I": ("int32", np.maximum(given["I"], np.abs(given["D"]).max(1)))}
