# run: -D M=9 -D N=40
"""Small rows sorted without a histogram: an element's place is the number of those before it."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=9, N=40), dict(M=2, N=64), dict(M=3, N=1)]


def sort(M, N):
    @T.prim_func
    def main(X: T.Tensor((M, N), "int32"), Y: T.Tensor((M, N), "int32"), order: T.Tensor((M, N), "int32")):
        with T.Kernel(M, threads=128) as r:
            x = T.alloc_shared((N,), "int32")
            y = T.alloc_shared((N,), "int32")
            o = T.alloc_shared((N,), "int32")
            before = T.alloc_fragment((N, N), "int32")
            place = T.alloc_fragment((N,), "int32")
            T.copy(X[r, :], x)
            for i, j in T.Parallel(N, N):
                before[i, j] = T.if_then_else(x[j] < x[i] or (x[j] == x[i] and j < i), 1, 0)
            T.reduce_sum(before, place, dim=1)
            for i in T.Parallel(N):
                y[place[i]] = x[i]
                o[place[i]] = i
            T.copy(y, Y[r, :])
            T.copy(o, order[r, :])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("int32", rng.integers(-10, 10, (M, N)))}


def ref(a, **_):
    return {"Y": ("int32", np.sort(a["X"], 1)), "order": ("int32", np.argsort(a["X"], 1, kind="stable").astype(np.int32))}
