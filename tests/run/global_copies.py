# run: -D M=70 -D N=60
"""Copies without a tile in between: tensor to tensor with a cast, tensor to fragment in a loop, a fill, a shifted window."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=60), dict(M=20, N=33)]


def copies(M, N, BM=32, BN=32):
    @T.prim_func
    def main(
        X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float16"), Z: T.Tensor((M, N), "float32"), S: T.Tensor((M,), "float32")
    ):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            f = T.alloc_fragment((BM, BN), "float32")
            s = T.alloc_fragment((BM,), "float32")
            T.clear(s)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[by * BM : (by + 1) * BM, k * BN : (k + 1) * BN], Y[by * BM : (by + 1) * BM, k * BN : (k + 1) * BN])
                T.copy(X[by * BM, k * BN], f)
                T.reduce_sum(f, s, dim=1, clear=False)
                T.copy(X[by * BM - 2 : by * BM + BM - 2, k * BN + 3 : k * BN + BN + 3], f)
                T.copy(f, Z[by * BM, k * BN])
            T.copy(s, S[by * BM])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, M, N, **_):
    x = a["X"]
    z = np.zeros((M, N))
    z[2:, : N - 3] = x[: M - 2, 3:]
    return {"Y": ("float16", x), "Z": ("float32", z), "S": ("float32", x.sum(1))}
