# run: -D M=100 -D N=100 --input live=range(0,2)
"""Blocks with nothing to do: everything stands under a condition on data, deep in two loops; the rest of the tensor is left alone."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=100, N=100), dict(M=40, N=70)]


def exits(M, N, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), live: T.Tensor((T.ceildiv(M, BM), T.ceildiv(N, BN)), "int32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as by:
            x = T.alloc_shared((BM, BN), "float32")
            seen = T.alloc_var("int32")
            seen = 0
            for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                if live[by, k] > 0:
                    if by + k > 0:
                        T.copy(X[by * BM, k * BN], x)
                        for i, j in T.Parallel(BM, BN):
                            Y[by * BM + i, k * BN + j] = x[i, j] + T.cast(seen, "float32")
                    seen += 1

    return main


def inputs(rng, M, N, BM=32, **_):
    return {"X": ("float32", rng.standard_normal((M, N))), "live": ("int32", rng.integers(0, 2, (-(-M // BM), -(-N // BM)))),
            "Y": ("float32", rng.standard_normal((M, N)))}


def ref(a, M, N, BM=32, **_):
    live = a["live"] > 0
    seen = live.cumsum(1) - live
    by, k = np.indices(live.shape)
    grow = lambda t: np.repeat(np.repeat(t, BM, 0)[:M], BM, 1)[:, :N]
    return {"Y": ("float32", np.where(grow(live & (by + k > 0)), a["X"] + grow(seen), a["Y"]))}
