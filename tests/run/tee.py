# run: -D M=70 -D N=100
"""A tile that is fetched once, used by compute, and written out as it is."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=40, N=32, dtype="bfloat16")]


def tee(M, N, BM=32, BN=32, dtype="float32"):
    @T.prim_func
    def main(X: T.Tensor((M, N), dtype), Y: T.Tensor((M, N), dtype), total: T.Tensor((M,), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, BN), dtype)
            f = T.alloc_fragment((BM, BN), "float32")
            acc = T.alloc_fragment((BM,), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=3):
                T.copy(X[b * BM, k * BN], x)
                T.copy(x, f)
                T.reduce_sum(f, acc, dim=1, clear=False)
                T.copy(x, Y[b * BM, k * BN])
            T.copy(acc, total[b * BM : (b + 1) * BM])

    return main


def inputs(rng, M, N, dtype="float32", **_):
    return {"X": (dtype, rng.standard_normal((M, N)))}


def ref(a, dtype="float32", **_):
    return {"Y": (dtype, a["X"]), "total": ("float32", a["X"].sum(1))}
