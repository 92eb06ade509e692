# run: -D M=70 -D N=60
"""A launch that reads what it wrote: a tile goes out to a tensor and comes back, in the same block."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=60), dict(M=32, N=32)]


def round_trip(M, N, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), W: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            x = T.alloc_shared((BM, BN), "float32")
            y = T.alloc_shared((BM, BN), "float32")
            z = T.alloc_shared((BM, BN), "float32")
            T.copy(X[by * BM, bx * BN], x)
            for i, j in T.Parallel(BM, BN):
                y[i, j] = x[i, j] * 3.0
            T.copy(y, W[by * BM, bx * BN])
            T.copy(W[by * BM, bx * BN], z)
            for i, j in T.Parallel(BM, BN):
                Y[by * BM + i, bx * BN + j] = z[i, j] + 1.0

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, **_):
    return {"W": ("float32", a["X"] * 3), "Y": ("float32", a["X"] * 3 + 1)}
