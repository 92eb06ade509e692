# run: -D M=150 -D N=100 -D K=40
"""One grid dimension for a plane of tiles: the block's row and column by division, in groups of rows; some blocks have nothing to do."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=150, N=100, K=40), dict(M=33, N=70, K=33)]


def grouped(M, N, K, BM=32, BN=32, BK=32, group=2, dtype="float16"):
    rows, cols = T.ceildiv(M, BM), T.ceildiv(N, BN)

    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(rows, group) * group * cols, threads=128) as p:
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            by = p // (group * cols) * group + p % group
            bx = p % (group * cols) // group
            if by < rows:
                T.clear(acc)
                for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                    T.copy(A[by * BM, k * BK], A_s)
                    T.copy(B[k * BK, bx * BN], B_s)
                    T.gemm(A_s, B_s, acc)
                T.copy(acc, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)))}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"])}
