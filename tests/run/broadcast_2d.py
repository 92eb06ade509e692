# run: -D M=70 -D N=100
"""Rows, columns and a scalar spread over a tile, read from global memory where they are used."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100), dict(M=33, N=65, dtype="bfloat16"), dict(M=1, N=40, dtype="float16")]


def broadcast(M, N, BM=32, BN=64, dtype="float32"):
    @T.prim_func
    def main(
        A: T.Tensor((M, N), dtype),
        row: T.Tensor((N,), dtype),
        col: T.Tensor((M,), dtype),
        s: T.Tensor((1,), "float32"),
        C: T.Tensor((M, N), dtype),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            for i, j in T.Parallel(BM, BN):
                C[by * BM + i, bx * BN + j] = (A[by * BM + i, bx * BN + j] + row[bx * BN + j]) * col[by * BM + i] - s[0]

    return main


def inputs(rng, M, N, dtype="float32", **_):
    return {"A": (dtype, rng.standard_normal((M, N))), "row": (dtype, rng.standard_normal(N)), "col": (dtype, rng.standard_normal(M)),
            "s": ("float32", rng.standard_normal(1))}


def ref(a, dtype="float32", **_):
    return {"C": (dtype, (a["A"] + a["row"][None]) * a["col"][:, None] - a["s"][0])}
