# run: -D M=70 -D N=100
"""B = A transposed, through a shared tile that is written by columns."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=33, N=65, dtype="bfloat16"), dict(M=40, N=50, dtype="int32")]


def transpose(M, N, BM=32, BN=64, dtype="float32"):
    @T.prim_func
    def main(A: T.Tensor((M, N), dtype), B: T.Tensor((N, M), dtype)):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            a = T.alloc_shared((BM, BN), dtype)
            b = T.alloc_shared((BN, BM), dtype)
            T.copy(A[by * BM, bx * BN], a)
            for j, i in T.Parallel(BN, BM):
                b[j, i] = a[i, j]
            T.copy(b, B[bx * BN, by * BM])

    return main


def inputs(rng, M, N, dtype="float32", **_):
    return {"A": (dtype, rng.integers(-99, 99, (M, N)) if dtype == "int32" else rng.standard_normal((M, N)))}


def ref(a, dtype="float32", **_):
    return {"B": (dtype, a["A"].T)}
