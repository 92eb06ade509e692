# run: -D n=40
"""Indices that are surely negative count from the end; a window that reaches beyond the start reads 0, in the only block too."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=40), dict(n=32), dict(n=90)]


def negative(n, block=32):
    @T.prim_func
    def main(X: T.Tensor((n,), "float32"), Y: T.Tensor((n,), "float32"), Z: T.Tensor((n,), "float32"), ends: T.Tensor((8,), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            x = T.alloc_shared((block,), "float32")
            T.copy(X[b * block - 3 : b * block + block - 3], x)
            T.copy(x, Y[b * block : (b + 1) * block])
            T.copy(X[b * block - 1], x)
            for i in T.Parallel(block):
                Z[b * block + i] = x[i] + X[b * block + i - 2]
            if b == 0:
                for i in T.serial(4):
                    ends[i] = X[-i - 1]
                ends[-1] = X[-2]
                T.copy(X[-7:-4], ends[4:7])

    return main


def inputs(rng, n, **_):
    return {"X": ("float32", rng.standard_normal(n))}


def ref(a, n, **_):
    x = np.concatenate([np.zeros(3), a["X"]])
    return {"Y": ("float32", x[:n]), "Z": ("float32", x[2 : n + 2] + x[1 : n + 1]),
            "ends": ("float32", np.concatenate([a["X"][::-1][:4], a["X"][-7:-4], a["X"][-2:-1]]))}
