# run: -D M=70 -D N=100
"""Four launches in a row, three temporaries of different shapes: centre, scale by the column's deviation, transpose, add up."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=33, N=20)]


def chain(M, N, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((N, M), "float32"), total: T.Tensor((1,), "float32")):
        stats = T.alloc_global((2, N), "float32")
        Z = T.alloc_global((M, N), "float32")
        parts = T.alloc_global((T.ceildiv(M, BM),), "float32")

        with T.Kernel(T.ceildiv(N, BN), threads=128) as bx:
            x = T.alloc_shared((BM, BN), "float32")
            q = T.alloc_fragment((BM, BN), "float32")
            s = T.alloc_fragment((BN,), "float32")
            t = T.alloc_fragment((BN,), "float32")
            T.clear(s)
            T.clear(t)
            for k in T.Pipelined(T.ceildiv(M, BM), num_stages=2):
                T.copy(X[k * BM, bx * BN], x)
                for i, j in T.Parallel(BM, BN):
                    q[i, j] = x[i, j] * x[i, j]
                T.reduce_sum(x, s, dim=0, clear=False)
                T.reduce_sum(q, t, dim=0, clear=False)
            for j in T.Parallel(BN):
                s[j] = s[j] / M
            for j in T.Parallel(BN):
                t[j] = T.rsqrt(t[j] / M - s[j] * s[j] + 1e-3)
            T.copy(s, stats[0, bx * BN : (bx + 1) * BN])
            T.copy(t, stats[1, bx * BN : (bx + 1) * BN])

        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            for i, j in T.Parallel(BM, BN):
                Z[by * BM + i, bx * BN + j] = (X[by * BM + i, bx * BN + j] - stats[0, bx * BN + j]) * stats[1, bx * BN + j]

        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            z = T.alloc_shared((BM, BN), "float32")
            z_t = T.alloc_shared((BN, BM), "float32")
            r = T.alloc_fragment((BM,), "float32")
            one = T.alloc_fragment((1,), "float32")
            T.clear(r)
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(Z[by * BM, k * BN], z)
                T.reduce_max(z, r, dim=1, clear=False)
                for j, i in T.Parallel(BN, BM):
                    z_t[j, i] = z[i, j]
                T.copy(z_t, Y[k * BN, by * BM])
            T.reduce_sum(r, one, dim=0)
            T.copy(one, parts[by : by + 1])

        with T.Kernel(1, threads=128) as z0:
            sum = T.alloc_fragment((1,), "float32")
            T.clear(sum)
            for k in T.serial(T.ceildiv(M, BM)):
                for i in T.Parallel(1):
                    sum[i] = sum[i] + parts[k + i]
            T.copy(sum, total)

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)) + 0.3)}


def ref(a, **_):
    x = a["X"]
    z = (x - x.mean(0)) / np.sqrt((x * x).mean(0) - x.mean(0) ** 2 + 1e-3)
    return {"Y": ("float32", z.T), "total": ("float32", np.maximum(z.max(1), 0).sum()[None])}
