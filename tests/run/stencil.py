# run: -D M=50 -D N=70
"""Five points of a plane: a halo read once into a shared tile, zero beyond the edge."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=50, N=70), dict(M=32, N=32), dict(M=3, N=3)]


def stencil(M, N, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            x = T.alloc_shared((BM + 2, BN + 2), "float32")
            T.copy(X[by * BM - 1 : by * BM + BM + 1, bx * BN - 1 : bx * BN + BN + 1], x)
            for i, j in T.Parallel(BM, BN):
                Y[by * BM + i, bx * BN + j] = x[i, j + 1] + x[i + 2, j + 1] + x[i + 1, j] + x[i + 1, j + 2] - 4.0 * x[i + 1, j + 1]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, **_):
    p = np.pad(a["X"], 1)
    return {"Y": ("float32", p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * a["X"])}
