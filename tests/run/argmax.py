# run: -D M=70 -D N=150
"""The place of the greatest element of a row: a maximum, then the least index that has it, over tiles of the row."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=150), dict(M=33, N=64), dict(M=5, N=1)]


def argmax(M, N, BM=32, BN=64):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), high: T.Tensor((M,), "float32"), where: T.Tensor((M,), "int32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, BN), "float32")
            f = T.alloc_fragment((BM, BN), "float32")
            at = T.alloc_fragment((BM, BN), "int32")
            top = T.alloc_fragment((BM,), "float32")
            best = T.alloc_fragment((BM,), "float32")
            here = T.alloc_fragment((BM,), "int32")
            out = T.alloc_fragment((BM,), "int32")
            T.fill(best, -T.infinity("float32"))
            T.fill(out, 0)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[b * BM, k * BN], x)
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = T.if_then_else(k * BN + j < N, x[i, j], -T.infinity("float32"))
                T.reduce_max(f, top, dim=1)
                for i, j in T.Parallel(BM, BN):
                    at[i, j] = T.if_then_else(f[i, j] == top[i], k * BN + j, 2147483647)
                T.reduce_min(at, here, dim=1)
                for i in T.Parallel(BM):
                    if top[i] > best[i]:
                        out[i] = here[i]
                for i in T.Parallel(BM):
                    best[i] = T.max(best[i], top[i])
            T.copy(best, high[b * BM : (b + 1) * BM])
            T.copy(out, where[b * BM : (b + 1) * BM])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.integers(-50, 50, (M, N)))}


def ref(a, **_):
    return {"high": ("float32", a["X"].max(1)), "where": ("int32", a["X"].argmax(1).astype(np.int32))}
