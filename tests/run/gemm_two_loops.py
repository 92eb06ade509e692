# run: -D M=70 -D N=72 -D K=90 -D L=40
"""C = A B + D E: two K loops accumulate, over the same shared tiles."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=90, L=40), dict(M=70, N=72, K=32, L=200)]


def both(M, N, K, L, BM=64, BN=64, BK=32, dtype="float16"):
    @T.prim_func
    def main(
        A: T.Tensor((M, K), dtype),
        B: T.Tensor((K, N), dtype),
        D: T.Tensor((M, L), dtype),
        E: T.Tensor((L, N), dtype),
        C: T.Tensor((M, N), "float32"),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            left = T.alloc_shared((BM, BK), dtype)
            right = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], left)
                T.copy(B[k * BK, bx * BN], right)
                T.gemm(left, right, acc)
            for k in T.Pipelined(T.ceildiv(L, BK), num_stages=3):
                T.copy(D[by * BM, k * BK], left)
                T.copy(E[k * BK, bx * BN], right)
                T.gemm(left, right, acc)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, L, **_):
    shapes = {"A": (M, K), "B": (K, N), "D": (M, L), "E": (L, N)}
    return {n: ("float16", rng.standard_normal(s)) for n, s in shapes.items()}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"] + a["D"] @ a["E"])}
