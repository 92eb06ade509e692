# run: -D BM=16 -D BN=24 -D BK=16
"""One tile of every shape that somebody may write, with threads to match."""
import numpy as np
import tilelang.language as T

SHAPES = [(16, 24, 16), (16, 16, 8), (64, 8, 16), (64, 256, 16), (128, 192, 64), (192, 64, 32), (256, 64, 32), (64, 40, 24), (1, 32, 32), (32, 1, 32),
          (5, 7, 3)]
CASES = [dict(BM=m, BN=n, BK=k) for m, n, k in SHAPES] + [dict(BM=64, BN=64, BK=32, threads=t) for t in (32, 64, 256, 384)]


def gemm(BM, BN, BK, M=None, N=None, threads=128, dtype="float16"):
    M, N, K = BM + BM // 2, BN + BN // 2 + 1, BK * 2 + BK // 2

    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=threads) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, BM, BN, BK, **_):
    M, N, K = BM + BM // 2, BN + BN // 2 + 1, BK * 2 + BK // 2
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)))}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"])}
