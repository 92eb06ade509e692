# run: -D n=500
"""A chain of element operations on one axis, through shared memory and fragments, in tiles of 96."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=500), dict(n=96), dict(n=1), dict(n=193, block=160)]


def chain(n, block=96):
    @T.prim_func
    def main(X: T.Tensor((n,), "float32"), Y: T.Tensor((n,), "float32"), Z: T.Tensor((n,), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            x_s = T.alloc_shared((block,), "float32")
            y = T.alloc_fragment((block,), "float32")
            z = T.alloc_fragment((block,), "float32")
            T.copy(X[b * block : (b + 1) * block], x_s)
            for i in T.Parallel(block):
                y[i] = T.max(x_s[i] * 2.0 + 1.0, -x_s[i])
            for i in T.Parallel(block):
                z[i] = T.exp(-T.abs(y[i])) + T.min(x_s[i], 0.25)
                y[i] = y[i] - z[i] * T.sigmoid(z[i])
            T.copy(y, Y[b * block : (b + 1) * block])
            T.copy(z, Z[b * block : (b + 1) * block])

    return main


def inputs(rng, n, **_):
    return {"X": ("float32", rng.standard_normal(n))}


def ref(a, **_):
    x = a["X"]
    y = np.maximum(2 * x + 1, -x)
    z = np.exp(-np.abs(y)) + np.minimum(x, 0.25)
    return {"Y": ("float32", y - z / (1 + np.exp(-z))), "Z": ("float32", z)}
