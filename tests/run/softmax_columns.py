# run: -D M=50 -D N=70
"""Softmax down the columns: reductions over axis 0, the result of each spread over rows."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=50, N=70), dict(M=64, N=32), dict(M=1, N=40)]


def softmax(M, N, rows=64, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), threads=128) as b:
            x = T.alloc_fragment((rows, BN), "float32")
            high = T.alloc_fragment((BN,), "float32")
            total = T.alloc_fragment((BN,), "float32")
            T.copy(X[0, b * BN], x)
            for i, j in T.Parallel(rows, BN):
                if i >= M:
                    x[i, j] = -T.infinity("float32")
            T.reduce_max(x, high, dim=0)
            for i, j in T.Parallel(rows, BN):
                x[i, j] = T.exp(x[i, j] - high[j])
            T.reduce_sum(x, total, dim=0)
            for i, j in T.Parallel(rows, BN):
                x[i, j] /= total[j]
            T.copy(x, Y[0, b * BN])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, **_):
    e = np.exp(a["X"] - a["X"].max(0))
    return {"Y": ("float32", e / e.sum(0))}
