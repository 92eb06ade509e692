# run: -D M=40 -D N=200
"""Layer norm in two loops over a row: sum and sum of squares together, then the result; mean and deviation go out too."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=200), dict(M=33, N=64), dict(M=7, N=65, dtype="float16")]


def layer_norm(M, N, BM=32, BN=64, eps=1e-5, dtype="float32"):
    @T.prim_func
    def main(
        X: T.Tensor((M, N), dtype),
        w: T.Tensor((N,), dtype),
        b: T.Tensor((N,), dtype),
        Y: T.Tensor((M, N), dtype),
        mean: T.Tensor((M,), "float32"),
        rstd: T.Tensor((M,), "float32"),
    ):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as m:
            x = T.alloc_shared((BM, BN), dtype)
            f = T.alloc_fragment((BM, BN), "float32")
            g = T.alloc_fragment((BM, BN), "float32")
            s = T.alloc_fragment((BM,), "float32")
            q = T.alloc_fragment((BM,), "float32")
            T.clear(s)
            T.clear(q)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(X[m * BM, k * BN], x)
                T.copy(x, f)
                for i, j in T.Parallel(BM, BN):
                    g[i, j] = f[i, j] * f[i, j]
                T.reduce_sum(f, s, dim=1, clear=False)
                T.reduce_sum(g, q, dim=1, clear=False)
            for i in T.Parallel(BM):
                s[i] = s[i] / N
            for i in T.Parallel(BM):
                q[i] = T.rsqrt(q[i] / N - s[i] * s[i] + eps)
            for k in T.serial(T.ceildiv(N, BN)):
                T.copy(X[m * BM, k * BN], x)
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = (x[i, j] - s[i]) * q[i] * w[k * BN + j] + b[k * BN + j]
                T.copy(f, Y[m * BM, k * BN])
            T.copy(s, mean[m * BM : (m + 1) * BM])
            T.copy(q, rstd[m * BM : (m + 1) * BM])

    return main


def inputs(rng, M, N, dtype="float32", **_):
    return {"X": (dtype, rng.standard_normal((M, N)) + 0.5), "w": (dtype, rng.standard_normal(N)), "b": (dtype, rng.standard_normal(N))}


def ref(a, dtype="float32", eps=1e-5, **_):
    mean = a["X"].mean(1)
    rstd = 1 / np.sqrt(a["X"].var(1) + eps)
    y = (a["X"] - mean[:, None]) * rstd[:, None] * a["w"] + a["b"]
    return {"Y": (dtype, y), "mean": ("float32", mean), "rstd": ("float32", rstd)}
