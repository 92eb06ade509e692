# run: -D M=70 -D N=90
"""Tiles that wait long for their use: loaded before a loop and used in it and behind it; loaded in a branch, used in another."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=90), dict(M=33, N=32)]


def late(M, N, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), bias: T.Tensor((M,), "float32"), gain: T.Tensor((M,), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            x = T.alloc_shared((BM, BN), "float32")
            b = T.alloc_shared((BM,), "float32")
            g = T.alloc_shared((BM,), "float32")
            s = T.alloc_fragment((BM,), "float32")
            y = T.alloc_fragment((BM, BN), "float32")
            T.copy(bias[by * BM : (by + 1) * BM], b)
            if by > 0:
                T.copy(gain[by * BM : (by + 1) * BM], g)
            T.clear(s)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[by * BM, k * BN], x)
                for i, j in T.Parallel(BM, BN):
                    y[i, j] = x[i, j] * b[i]
                T.reduce_sum(y, s, dim=1, clear=False)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[by * BM, k * BN], x)
                if by > 0:
                    for i, j in T.Parallel(BM, BN):
                        y[i, j] = x[i, j] * g[i] + s[i]
                else:
                    for i, j in T.Parallel(BM, BN):
                        y[i, j] = x[i, j] - s[i] + b[i]
                T.copy(y, Y[by * BM, k * BN])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N))), "bias": ("float32", rng.standard_normal(M)), "gain": ("float32", rng.standard_normal(M))}


def ref(a, M, BM=32, **_):
    x, b, g = a["X"], a["bias"][:, None], a["gain"][:, None]
    s = (x * b).sum(1, keepdims=True)
    return {"Y": ("float32", np.where(np.arange(M)[:, None] >= BM, x * g + s, x - s + b))}
