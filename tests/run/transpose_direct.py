# run: -D M=70 -D N=100
"""The same without a tile: the parallel nest stores across, C += A transposed."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=33, N=65)]


def transpose_add(M, N, BM=32, BN=64):
    @T.prim_func
    def main(A: T.Tensor((M, N), "float32"), B: T.Tensor((N, M), "float32"), C: T.Tensor((N, M), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            for i, j in T.Parallel(BM, BN):
                C[bx * BN + j, by * BM + i] = A[by * BM + i, bx * BN + j] + 2.0 * B[bx * BN + j, by * BM + i]

    return main


def inputs(rng, M, N, **_):
    return {"A": ("float32", rng.standard_normal((M, N))), "B": ("float32", rng.standard_normal((N, M)))}


def ref(a, **_):
    return {"C": ("float32", a["A"].T + 2 * a["B"])}
