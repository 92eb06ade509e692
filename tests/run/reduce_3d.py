# run: -D M=21 -D N=5
"""A reduction over the middle axis of a tile of three axes, and one that keeps the axis with extent 1."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=21, N=5), dict(M=8, N=2)]


def middle(M, N, BM=8, K=12, L=16):
    @T.prim_func
    def main(X: T.Tensor((M, K, L), "float32"), Y: T.Tensor((M, L), "float32"), Z: T.Tensor((M, K, 1), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_fragment((BM, K, L), "float32")
            y = T.alloc_fragment((BM, L), "float32")
            z = T.alloc_fragment((BM, K, 1), "float32")
            T.copy(X[b * BM : (b + 1) * BM, :, :], x)
            T.reduce_sum(x, y, dim=1)
            T.reduce_max(x, z, dim=2)
            T.copy(y, Y[b * BM : (b + 1) * BM, :])
            T.copy(z, Z[b * BM : (b + 1) * BM, :, :])

    return main


def inputs(rng, M, K=12, L=16, **_):
    return {"X": ("float32", rng.standard_normal((M, K, L)))}


def ref(a, **_):
    return {"Y": ("float32", a["X"].sum(1)), "Z": ("float32", a["X"].max(2)[..., None])}
