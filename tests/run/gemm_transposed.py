# run: -D M=70 -D N=100 -D K=90 -D ta=True -D tb=True
"""The four ways to lie in memory, chosen while compiling."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100, K=90, ta=a, tb=b) for a in (False, True) for b in (False, True)] + [
    dict(M=70, N=100, K=90, ta=True, tb=True, dtype="bfloat16"), dict(M=150, N=140, K=100, ta=True, tb=True, BM=64, BN=128),
    dict(M=70, N=70, K=90, ta=True, tb=False, dtype="float32")]


def gemm(M, N, K, ta, tb, BM=64, BN=64, BK=32, dtype="float16"):
    A_shape, B_shape = (K, M) if ta else (M, K), (N, K) if tb else (K, N)
    A_tile = (BK, BM) if ta else (BM, BK)
    B_tile = (BN, BK) if tb else (BK, BN)

    @T.prim_func
    def main(A: T.Tensor(A_shape, dtype), B: T.Tensor(B_shape, dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared(A_tile, dtype)
            B_s = T.alloc_shared(B_tile, dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                if ta:
                    T.copy(A[k * BK, by * BM], A_s)
                else:
                    T.copy(A[by * BM, k * BK], A_s)
                if tb:
                    T.copy(B[bx * BN, k * BK], B_s)
                else:
                    T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc, transpose_A=ta, transpose_B=tb)
            T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, ta, tb, dtype="float16", **_):
    return {"A": (dtype, rng.standard_normal((K, M) if ta else (M, K))), "B": (dtype, rng.standard_normal((N, K) if tb else (K, N)))}


def ref(a, ta, tb, dtype="float16", **_):
    return {"C": ("float32", (a["A"].T if ta else a["A"]) @ (a["B"].T if tb else a["B"]))}
