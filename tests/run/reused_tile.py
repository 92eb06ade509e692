# run: -D M=70 -D N=90
"""One tile for everything: loaded, used, loaded again, overwritten by compute, written out, all of it in a loop."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=90), dict(M=32, N=32)]


def reuse(M, N, BM=32, BN=32):
    @T.prim_func
    def main(A: T.Tensor((M, N), "float32"), B: T.Tensor((M, N), "float32"), C: T.Tensor((M, N), "float32"), D: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            t = T.alloc_shared((BM, BN), "float32")
            f = T.alloc_fragment((BM, BN), "float32")
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                T.copy(A[by * BM, k * BN], t)
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = t[i, j] * 2.0
                T.copy(B[by * BM, k * BN], t)
                for i, j in T.Parallel(BM, BN):
                    f[i, j] = f[i, j] + t[i, j]
                for i, j in T.Parallel(BM, BN):
                    t[i, j] = t[i, j] - f[i, j]
                T.copy(t, C[by * BM, k * BN])
                T.copy(f, t)
                T.copy(t, D[by * BM, k * BN])

    return main


def inputs(rng, M, N, **_):
    return {n: ("float32", rng.standard_normal((M, N))) for n in "AB"}


def ref(a, **_):
    f = 2 * a["A"] + a["B"]
    return {"C": ("float32", a["B"] - f), "D": ("float32", f)}
