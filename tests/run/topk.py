# run: -D M=20 -D N=48 -D k=5
"""The k greatest of every row by k rounds of maximum and strike out."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=20, N=48, k=5), dict(M=17, N=20, k=20), dict(M=3, N=64, k=1)]


def topk(M, N, k, BM=16):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), values: T.Tensor((M, k), "float32"), index: T.Tensor((M, k), "int32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_fragment((BM, N), "float32")
            at = T.alloc_fragment((BM, N), "int32")
            top = T.alloc_fragment((BM,), "float32")
            first = T.alloc_fragment((BM,), "int32")
            T.copy(X[b * BM, 0], x)
            for r in T.serial(k):
                T.reduce_max(x, top, dim=1)
                for i, j in T.Parallel(BM, N):
                    at[i, j] = T.if_then_else(x[i, j] == top[i], j, N)
                T.reduce_min(at, first, dim=1)
                for i, j in T.Parallel(BM, N):
                    x[i, j] = T.if_then_else(j == first[i], -T.infinity("float32"), x[i, j])
                for i in T.Parallel(BM):
                    values[b * BM + i, r] = top[i]
                    index[b * BM + i, r] = first[i]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.integers(-20, 20, (M, N)))}


def ref(a, k, **_):
    order = np.argsort(-a["X"], 1, kind="stable")[:, :k]
    return {"values": ("float32", np.take_along_axis(a["X"], order, 1)), "index": ("int32", order.astype(np.int32))}
