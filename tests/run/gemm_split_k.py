# run: -D M=70 -D N=72 -D K=300
"""K divided over blocks: partial products in a temporary, a second launch adds them up."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=300), dict(M=70, N=72, K=40, splits=4)]


def split_k(M, N, K, splits=3, BM=64, BN=64, BK=32, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), dtype)):
        part = T.alloc_global((splits, M, N), "float32")

        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), splits, threads=128) as (bx, by, s):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            each = T.ceildiv(T.ceildiv(K, BK), splits)
            for k in T.Pipelined(T.max(T.min(each, T.ceildiv(K, BK) - s * each), 0), num_stages=2):
                T.copy(A[by * BM, (s * each + k) * BK], A_s)
                T.copy(B[(s * each + k) * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc)
            T.copy(acc, part[s, by * BM : (by + 1) * BM, bx * BN : (bx + 1) * BN])

        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            p = T.alloc_shared((BM, BN), "float32")
            total = T.alloc_fragment((BM, BN), "float32")
            T.clear(total)
            for s in T.Pipelined(splits, num_stages=2):
                T.copy(part[s, by * BM : (by + 1) * BM, bx * BN : (bx + 1) * BN], p)
                for i, j in T.Parallel(BM, BN):
                    total[i, j] += p[i, j]
            T.copy(total, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)) / 8)}


def ref(a, **_):
    return {"C": ("float16", a["A"] @ a["B"])}
