# run: -D M=70 -D N=100
"""Rows to 8 bits and their scales: greatest magnitude of a group of columns, division, rounding, saturation."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=33, N=64, dtype="float8_e4m3fn")]


def quantize(M, N, BM=32, G=32, dtype="int8"):
    top = 127.0 if dtype == "int8" else 448.0

    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Q: T.Tensor((M, N), dtype), scale: T.Tensor((M, T.ceildiv(N, G)), "float32")):
        with T.Kernel(T.ceildiv(N, G), T.ceildiv(M, BM), threads=128) as (g, b):
            x = T.alloc_shared((BM, G), "float32")
            q = T.alloc_shared((BM, G), dtype)
            s = T.alloc_fragment((BM,), "float32")
            T.copy(X[b * BM, g * G], x)
            T.reduce_absmax(x, s, dim=1)
            for i in T.Parallel(BM):
                s[i] = T.max(s[i], 1e-4) / top
            for i, j in T.Parallel(BM, G):
                if dtype == "int8":
                    q[i, j] = T.cast(T.clamp(T.floor(x[i, j] / s[i] + 0.5), -127.0, 127.0), dtype)
                else:
                    q[i, j] = T.cast(T.clamp(x[i, j] / s[i], -448.0, 448.0), dtype)
            T.copy(q, Q[b * BM, g * G])
            for i in T.Parallel(BM):
                scale[b * BM + i, g] = s[i]

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", np.round(rng.standard_normal((M, N)) * 64) / 16)}


def ref(a, M, N, G=32, dtype="int8", **_):
    top = np.float32(127.0 if dtype == "int8" else 448.0)
    x = a["X"].astype(np.float32)
    s = np.stack([np.maximum(np.abs(x[:, k : k + G]).max(1), np.float32(1e-4)) / top for k in range(0, N, G)], 1)
    v = x / np.repeat(s, G, 1)[:, :N]
    return {"Q": (dtype, np.floor(v + np.float32(0.5)).astype(np.int8) if dtype == "int8" else v.astype(float)), "scale": ("float32", s)}
