# run: -D M=6 -D N=50
"""Variables that change: a position that grows by data, a maximum found on the way, a flag. Values that are packed to the front."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=6, N=50), dict(M=2, N=1)]


def pack(M, N):
    @T.prim_func
    def main(X: T.Tensor((M, N), "int32"), Y: T.Tensor((M, N), "int32"), info: T.Tensor((M, 3), "int32")):
        with T.Kernel(M, threads=128) as r:
            x = T.alloc_shared((N,), "int32")
            y = T.alloc_shared((N,), "int32")
            at = T.alloc_var("int32")
            top = T.alloc_var("int32", init=-1000)
            odd = T.alloc_var("bool")
            T.copy(X[r, 0], x)
            T.fill(y, 0)
            at = 0
            odd = False
            for i in T.serial(N):
                v = x[i]
                if v > 0:
                    y[at] = v
                    at += 1
                top = T.max(top, v)
                odd = odd or v % 2 == 1
            T.copy(y, Y[r, 0])
            info[r, 0] = at
            info[r, 1] = top
            info[r, 2] = T.if_then_else(odd, 1, 0)

    return main


def inputs(rng, M, N, **_):
    x = rng.integers(-9, 9, (M, N))
    x[0] *= 2
    return {"X": ("int32", x)}


def ref(a, M, N, **_):
    y = np.zeros((M, N), np.int32)
    for r, x in enumerate(a["X"]):
        y[r, : (x > 0).sum()] = x[x > 0]
    return {"Y": ("int32", y), "info": ("int32", np.stack([(a["X"] > 0).sum(1), a["X"].max(1), (a["X"] % 2 == 1).any(1)], 1).astype(np.int32))}
