# run: -D M=40 -D N=72 -D K=100
"""Weights of four bits, two in a byte: unpacked by shifts into the tile that T.gemm reads."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=40, N=72, K=100), dict(M=33, N=40, K=64)]


def dequant(M, N, K, BM=32, BN=32, BK=32, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), W: T.Tensor((N, K // 2), "uint8"), s: T.Tensor((N,), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            W_s = T.alloc_shared((BN, BK // 2), "uint8")
            B_s = T.alloc_shared((BN, BK), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(W[bx * BN, k * BK // 2], W_s)
                for i, j in T.Parallel(BN, BK):
                    nibble = (W_s[i, j // 2] >> T.cast(4 * (j % 2), "uint8")) & T.uint8(15)
                    B_s[i, j] = T.cast(nibble, dtype) - T.float16(8.0)
                T.gemm(A_s, B_s, acc, transpose_B=True)
            for i, j in T.Parallel(BM, BN):
                C[by * BM + i, bx * BN + j] = acc[i, j] * s[bx * BN + j]

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "W": ("uint8", rng.integers(0, 256, (N, K // 2))), "s": ("float16", rng.uniform(0.5, 2, N))}


def ref(a, N, K, **_):
    w = np.stack([a["W"] & 15, a["W"] >> 4], 2).reshape(N, K).astype(float) - 8
    return {"C": ("float32", a["A"] @ w.T * a["s"])}
