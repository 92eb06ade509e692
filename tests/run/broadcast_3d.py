# run: -D B=5 -D M=20 -D N=70
"""Three axes: a nest of three parallel loops, with broadcasts over each axis."""
import numpy as np
import tilelang.language as T

CASES = [dict(B=5, M=20, N=70), dict(B=2, M=17, N=33)]


def broadcast(B, M, N, BB=2, BM=16, BN=32):
    @T.prim_func
    def main(
        A: T.Tensor((B, M, N), "float32"),
        p: T.Tensor((B,), "float32"),
        q: T.Tensor((M, N), "float32"),
        r: T.Tensor((B, N), "float32"),
        C: T.Tensor((B, M, N), "float32"),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), T.ceildiv(B, BB), threads=128) as (bx, by, bz):
            for b, i, j in T.Parallel(BB, BM, BN):
                C[bz * BB + b, by * BM + i, bx * BN + j] = (
                    A[bz * BB + b, by * BM + i, bx * BN + j] * p[bz * BB + b]
                    + q[by * BM + i, bx * BN + j] * r[bz * BB + b, bx * BN + j]
                )

    return main


def inputs(rng, B, M, N, **_):
    shapes = {"A": (B, M, N), "p": (B,), "q": (M, N), "r": (B, N)}
    return {n: ("float32", rng.standard_normal(s)) for n, s in shapes.items()}


def ref(a, **_):
    return {"C": ("float32", a["A"] * a["p"][:, None, None] + a["q"][None] * a["r"][:, None, :])}
