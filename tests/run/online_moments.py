# run: -D M=40 -D N=200
"""Mean and variance of tiles of a row, put together as they come (Welford), counts that differ in the last tile."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=200), dict(M=33, N=7)]


def moments(M, N, BM=32, BN=64):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), mean: T.Tensor((M,), "float32"), var: T.Tensor((M,), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, BN), "float32")
            f = T.alloc_fragment((BM, BN), "float32")
            m = T.alloc_fragment((BM,), "float32")
            s = T.alloc_fragment((BM,), "float32")
            q = T.alloc_fragment((BM,), "float32")
            delta = T.alloc_fragment((BM,), "float32")
            part = T.alloc_fragment((BM,), "float32")
            T.clear(m)
            T.clear(q)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[b * BM, k * BN], x)
                count = T.min(N - k * BN, BN)
                T.reduce_sum(x, s, dim=1)
                for i in T.Parallel(BM):
                    delta[i] = s[i] / T.cast(count, "float32") - m[i]
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = T.if_then_else(j < count, (x[i, j] - m[i] - delta[i]) * (x[i, j] - m[i] - delta[i]), 0.0)
                T.reduce_sum(f, part, dim=1)
                before = T.cast(k * BN, "float32")
                both = before + T.cast(count, "float32")
                for i in T.Parallel(BM):
                    m[i] = m[i] + delta[i] * T.cast(count, "float32") / both
                for i in T.Parallel(BM):
                    q[i] = q[i] + part[i] + delta[i] * delta[i] * before * T.cast(count, "float32") / both
            for i in T.Parallel(BM):
                q[i] = q[i] / N
            T.copy(m, mean[b * BM : (b + 1) * BM])
            T.copy(q, var[b * BM : (b + 1) * BM])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)) + 3)}


def ref(a, **_):
    return {"mean": ("float32", a["X"].mean(1)), "var": ("float32", a["X"].var(1))}
