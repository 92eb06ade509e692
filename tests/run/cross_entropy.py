# run: -D M=40 -D N=200 --input label=range(0,200)
"""The loss of a label: logarithm of the sum of exponentials less one picked element of the row."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=200), dict(M=33, N=50)]


def loss(M, N, BM=32, BN=64):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), label: T.Tensor((M,), "int32"), out: T.Tensor((M,), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, BN), "float32")
            f = T.alloc_fragment((BM, BN), "float32")
            high = T.alloc_fragment((BM,), "float32")
            old = T.alloc_fragment((BM,), "float32")
            part = T.alloc_fragment((BM,), "float32")
            total = T.alloc_fragment((BM,), "float32")
            T.fill(high, -T.infinity("float32"))
            T.clear(total)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[b * BM, k * BN], x)
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = T.if_then_else(k * BN + j < N, x[i, j], -T.infinity("float32"))
                T.copy(high, old)
                T.reduce_max(f, high, dim=1, clear=False)
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = T.exp(f[i, j] - high[i])
                T.reduce_sum(f, part, dim=1)
                for i in T.Parallel(BM):
                    total[i] = total[i] * T.exp(old[i] - high[i]) + part[i]
            for i in T.Parallel(BM):
                out[b * BM + i] = T.log(total[i]) + high[i] - X[b * BM + i, label[b * BM + i]]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)) * 3), "label": ("int32", rng.integers(0, N, M))}


def ref(a, M, **_):
    x = a["X"]
    return {"out": ("float32", np.log(np.exp(x).sum(1)) - x[np.arange(M), a["label"]])}
