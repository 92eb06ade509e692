# run: -D N=100 -D K=300
"""y = W x by products and a reduction, no T.gemm."""
import numpy as np
import tilelang.language as T

CASES = [dict(N=100, K=300), dict(N=33, K=64), dict(N=64, K=7, dtype="float32")]


def gemv(N, K, BN=32, BK=64, dtype="float16"):
    @T.prim_func
    def main(W: T.Tensor((N, K), dtype), x: T.Tensor((K,), dtype), y: T.Tensor((N,), "float32")):
        with T.Kernel(T.ceildiv(N, BN), threads=128) as b:
            W_s = T.alloc_shared((BN, BK), dtype)
            x_s = T.alloc_shared((BK,), dtype)
            p = T.alloc_fragment((BN, BK), "float32")
            acc = T.alloc_fragment((BN,), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(W[b * BN, k * BK], W_s)
                T.copy(x[k * BK : (k + 1) * BK], x_s)
                for i, j in T.Parallel(BN, BK):
                    p[i, j] = T.cast(W_s[i, j], "float32") * T.cast(x_s[j], "float32")
                T.reduce_sum(p, acc, dim=1, clear=False)
            T.copy(acc, y[b * BN : (b + 1) * BN])

    return main


def inputs(rng, N, K, dtype="float16", **_):
    return {"W": (dtype, rng.standard_normal((N, K))), "x": (dtype, rng.standard_normal(K))}


def ref(a, **_):
    return {"y": ("float32", a["W"] @ a["x"])}
