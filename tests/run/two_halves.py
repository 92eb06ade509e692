# run: -D M=70 -D K=90
"""One shared tile that is filled by two copies, side by side, and used as a whole; then again in the same iteration."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, K=90), dict(M=33, K=32)]


def halves(M, K, BM=32, BK=32, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((M, K), dtype), W: T.Tensor((2 * BK, 32), dtype), C: T.Tensor((M, 32), "float32"), D: T.Tensor((M,), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            x = T.alloc_shared((BM, 2 * BK), dtype)
            w = T.alloc_shared((2 * BK, 32), dtype)
            f = T.alloc_fragment((BM, 2 * BK), "float32")
            acc = T.alloc_fragment((BM, 32), "float32")
            s = T.alloc_fragment((BM,), "float32")
            T.clear(acc)
            T.clear(s)
            T.copy(W, w)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], x[:, 0:BK])
                T.copy(B[by * BM, k * BK], x[:, BK : 2 * BK])
                T.gemm(x, w, acc)
                T.copy(B[by * BM, k * BK], x[:, 0:BK])
                T.copy(x, f)
                T.reduce_sum(f, s, dim=1, clear=False)
            T.copy(acc, C[by * BM, 0])
            T.copy(s, D[by * BM : (by + 1) * BM])

    return main


def inputs(rng, M, K, BK=32, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((M, K))), "W": ("float16", rng.standard_normal((2 * BK, 32)))}


def ref(a, M, K, BK=32, **_):
    n = -(-K // BK) * BK
    A, B = (np.pad(a[x], ((0, 0), (0, n - K))).reshape(M, -1, BK).sum(1) for x in "AB")
    return {"C": ("float32", A @ a["W"][:BK] + B @ a["W"][BK:]), "D": ("float32", 2 * B.sum(1))}
