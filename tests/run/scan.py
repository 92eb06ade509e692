# run: -D M=40 -D N=150
"""Running sums along long rows: a scan of each tile and what is carried over; and one from the end, within a tile."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=150), dict(M=3, N=64), dict(M=33, N=20, dtype="int32")]


def scan(M, N, BM=32, BN=64, dtype="float32"):
    @T.prim_func
    def main(X: T.Tensor((M, N), dtype), Y: T.Tensor((M, N), dtype), Z: T.Tensor((M, BN), dtype)):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, BN), dtype)
            y = T.alloc_shared((BM, BN), dtype)
            z = T.alloc_shared((BM, BN), dtype)
            part = T.alloc_fragment((BM,), dtype)
            carry = T.alloc_fragment((BM,), dtype)
            T.clear(carry)
            for k in T.serial(T.ceildiv(N, BN)):
                T.copy(X[b * BM, k * BN], x)
                T.cumsum(x, y, dim=1)
                T.reduce_sum(x, part, dim=1)
                for i, j in T.Parallel(BM, BN):
                    Y[b * BM + i, k * BN + j] = y[i, j] + carry[i]
                for i in T.Parallel(BM):
                    carry[i] = carry[i] + part[i]
            T.copy(X[b * BM, 0], x)
            T.cumsum(x, z, dim=0, reverse=True)
            T.copy(z, Z[b * BM, 0])

    return main


def inputs(rng, M, N, dtype="float32", **_):
    return {"X": (dtype, rng.integers(-50, 50, (M, N)) if dtype == "int32" else rng.standard_normal((M, N)))}


def ref(a, M, N, BM=32, BN=64, dtype="float32", **_):
    x = np.zeros((-(-M // BM) * BM, max(N, BN)), a["X"].dtype)
    x[:M, :N] = a["X"]
    z = np.concatenate([x[k : k + BM, :BN][::-1].cumsum(0)[::-1] for k in range(0, len(x), BM)])[:M]
    return {"Y": (dtype, a["X"].cumsum(1).astype(a["X"].dtype)), "Z": (dtype, z.astype(a["X"].dtype))}
