# run: -D M=100 -D N=100 -D K=64
"""Branches on the block's number around copies and products: upper blocks are filled, diagonal ones read one side, lower ones both."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=100, N=100, K=64), dict(M=70, N=40, K=20)]


def branches(M, N, K, BM=32, BN=32, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((N, K), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, K), dtype)
            B_s = T.alloc_shared((BN, K), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            if bx > by:
                T.fill(acc, -1.0)
            else:
                T.copy(A[by * BM, 0], A_s)
                if bx == by:
                    T.gemm(A_s, A_s, acc, transpose_B=True, clear_accum=True)
                else:
                    T.copy(B[bx * BN, 0], B_s)
                    T.gemm(A_s, B_s, acc, transpose_B=True, clear_accum=True)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((N, K)))}


def ref(a, M, N, BM=32, **_):
    by, bx = np.arange(M)[:, None] // BM, np.arange(N)[None] // BM
    own = np.zeros((M, N))
    square = a["A"] @ a["A"].T
    own[: min(M, N), : min(M, N)] = square[: min(M, N), : min(M, N)]
    if N > M:
        own[:, M:] = 0
    if M > N:
        own = square[:, :N].copy()
    return {"C": ("float32", np.where(bx > by, -1.0, np.where(bx == by, own, a["A"] @ a["B"].T)))}
