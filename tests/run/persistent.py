# run: -D M=150 -D N=100 -D K=40 -D cores=3
"""Few blocks that go through many tiles each: a serial loop around the whole product, and a branch for the last round."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=150, N=100, K=40, cores=3), dict(M=40, N=70, K=33, cores=4)]


def persistent(M, N, K, cores, BM=32, BN=32, BK=32, dtype="float16"):
    rows, cols = T.ceildiv(M, BM), T.ceildiv(N, BN)

    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((K, N), dtype), C: T.Tensor((M, N), "float32")):
        with T.Kernel(cores, threads=128) as p:
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")
            for w in T.serial(T.ceildiv(rows * cols, cores)):
                t = w * cores + p
                if t < rows * cols:
                    T.clear(acc)
                    for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                        T.copy(A[t // cols * BM, k * BK], A_s)
                        T.copy(B[k * BK, t % cols * BN], B_s)
                        T.gemm(A_s, B_s, acc)
                    T.copy(acc, C[t // cols * BM, t % cols * BN])

    return main


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)))}


def ref(a, **_):
    return {"C": ("float32", a["A"] @ a["B"])}
