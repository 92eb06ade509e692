# run: -D M=40 -D N=300
"""Softmax of rows too long for a tile: a first loop finds the maximum and the sum as it goes, a second one writes."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=300), dict(M=33, N=64), dict(M=5, N=1), dict(M=40, N=200, dtype="float16")]


def softmax(M, N, BM=32, BN=64, dtype="float32"):
    @T.prim_func
    def main(X: T.Tensor((M, N), dtype), Y: T.Tensor((M, N), dtype)):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x_s = T.alloc_shared((BM, BN), dtype)
            x = T.alloc_fragment((BM, BN), "float32")
            high = T.alloc_fragment((BM,), "float32")
            old = T.alloc_fragment((BM,), "float32")
            part = T.alloc_fragment((BM,), "float32")
            total = T.alloc_fragment((BM,), "float32")
            T.fill(high, -T.infinity("float32"))
            T.clear(total)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[b * BM, k * BN], x_s)
                for i, j in T.Parallel(BM, BN):
                    x[i, j] = T.if_then_else(k * BN + j < N, T.cast(x_s[i, j], "float32"), -T.infinity("float32"))
                T.copy(high, old)
                T.reduce_max(x, high, dim=1, clear=False)
                for i, j in T.Parallel(BM, BN):
                    x[i, j] = T.exp(x[i, j] - high[i])
                T.reduce_sum(x, part, dim=1)
                for i in T.Parallel(BM):
                    total[i] = total[i] * T.exp(old[i] - high[i]) + part[i]
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=3):
                T.copy(X[b * BM, k * BN], x_s)
                for i, j in T.Parallel(BM, BN):
                    x[i, j] = T.exp(T.cast(x_s[i, j], "float32") - high[i]) / total[i]
                T.copy(x, Y[b * BM, k * BN])

    return main


def inputs(rng, M, N, dtype="float32", **_):
    return {"X": (dtype, rng.standard_normal((M, N)) * 2)}


def ref(a, dtype="float32", **_):
    e = np.exp(a["X"] - a["X"].max(1, keepdims=True))
    return {"Y": (dtype, e / e.sum(1, keepdims=True))}
