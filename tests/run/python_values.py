# run: -D n=70
"""Names and numbers: a let is read once, a swap, chained comparisons, a conditional expression, constants that fold, floats that are float32."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=70), dict(n=33)]


def values(n, block=32):
    @T.prim_func
    def main(X: T.Tensor((n,), "float32"), I: T.Tensor((n,), "int32"), Y: T.Tensor((6, n), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            x = T.alloc_fragment((block,), "float32")
            T.copy(X[b * block : (b + 1) * block], x)
            for t in T.Parallel(block):
                i = b * block + t
                before = x[t]
                x[t] = before + 1.0
                p, q = before, x[t]
                p, q = q, p
                Y[0, i] = before
                Y[1, i] = p - 2 * q
                Y[2, i] = 1.0 if 0 <= I[i] < 10 else -1.0
                Y[3, i] = I[i] if I[i] > 5 else before
                Y[4, i] = (2**3 // 3 + 7 % 4) * before + (1 if n > 50 else 2)
                Y[5, i] = T.cast(T.cast(before, "float16") * 2.0, "float32") + T.cast(T.cast(before, "float16") * T.float16(2.0), "float32")

    return main


def inputs(rng, n, **_):
    return {"X": ("float32", np.round(rng.standard_normal(n) * 64) / 64), "I": ("int32", rng.integers(-20, 20, n))}


def ref(a, n, **_):
    x, i = a["X"], a["I"]
    rows = [x, x + 1 - 2 * x, np.where((0 <= i) & (i < 10), 1, -1), np.where(i > 5, i, x), 5 * x + (1 if n > 50 else 2), 4 * x]
    return {"Y": ("float32", np.stack(rows))}
