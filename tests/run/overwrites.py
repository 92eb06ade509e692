# run: -D M=70 -D N=40
"""What a nest has read stays as it was read, though the nest stores there later: lets, conditions, both branches, and tensors in place."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=40), dict(M=32, N=32)]


def overwrites(M, N, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), A: T.Tensor((M, N), "float32"), B: T.Tensor((M, N), "float32"), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            x = T.alloc_fragment((BM, BN), "float32")
            y = T.alloc_shared((BM, BN), "float32")
            T.copy(X[by * BM, bx * BN], x)
            for i, j in T.Parallel(BM, BN):
                if x[i, j] > 0.0:
                    x[i, j] = -x[i, j]
                    y[i, j] = 1.0
                else:
                    x[i, j] = 3.0
                    y[i, j] = x[i, j] * 2.0
            for i, j in T.Parallel(BM, BN):
                old = x[i, j]
                x[i, j] = y[i, j] + 0.5
                y[i, j] = old
            T.copy(x, C[by * BM, bx * BN])
            for i, j in T.Parallel(BM, BN):
                a = A[by * BM + i, bx * BN + j]
                A[by * BM + i, bx * BN + j] = a * y[i, j]
                B[by * BM + i, bx * BN + j] = a + A[by * BM + i, bx * BN + j]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N))), "A": ("float32", rng.standard_normal((M, N)))}


def ref(a, **_):
    up = a["X"] > 0
    x, y = np.where(up, -a["X"], 3.0), np.where(up, 1.0, 6.0)
    x, y = y + 0.5, x
    return {"A": ("float32", a["A"] * y), "B": ("float32", a["A"] + a["A"] * y), "C": ("float32", x)}
