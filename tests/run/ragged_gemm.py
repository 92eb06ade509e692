# run: -D rows=150 -D K=50 -D N=70 -D E=4 --input start=zeros --input count=zeros
"""Each expert multiplies its own stretch of rows by its own matrix; stretches have any length, also none."""
import numpy as np
import tilelang.language as T

CASES = [dict(counts=(70, 0, 1, 64), K=50, N=70), dict(counts=(33, 40), K=32, N=64)]
OPEN = {"counts"}


def grouped(K, N, BM=32, BN=32, BK=32, dtype="float16"):
    E = T.dynamic("E")
    rows = T.dynamic("rows")

    @T.prim_func
    def main(
        X: T.Tensor((rows, K), dtype),
        W: T.Tensor((E, K, N), dtype),
        start: T.Tensor((E,), "int32"),
        count: T.Tensor((E,), "int32"),
        Y: T.Tensor((rows, N), "float32"),
    ):
        with T.Kernel(T.ceildiv(N, BN), E, threads=128) as (bx, e):
            x = T.alloc_shared((BM, BK), dtype)
            w = T.alloc_shared((BK, BN), dtype)
            y = T.alloc_fragment((BM, BN), "float32")
            n = count[e]
            for t in T.serial(T.ceildiv(n, BM)):
                T.clear(y)
                for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                    T.copy(X[start[e] + t * BM, k * BK], x)
                    T.copy(W[e, k * BK, bx * BN], w)
                    T.gemm(x, w, y)
                for i, j in T.Parallel(BM, BN):
                    if t * BM + i < n:
                        Y[start[e] + t * BM + i, bx * BN + j] = y[i, j]

    return main


def inputs(rng, counts, K, N, **_):
    rows = sum(counts)
    start = np.cumsum((0,) + tuple(counts))[:-1]
    return {"X": ("float16", rng.standard_normal((rows, K))), "W": ("float16", rng.standard_normal((len(counts), K, N))),
            "start": ("int32", start), "count": ("int32", np.array(counts))}


def ref(a, counts, **_):
    parts = [a["X"][s : s + c] @ a["W"][e] for e, (s, c) in enumerate(zip(a["start"], a["count"]))]
    return {"Y": ("float32", np.concatenate(parts))}
