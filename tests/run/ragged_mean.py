# run: -D B=5 -D L=200 --input length=range(0,200)
"""Means over rows of any length, also none; two loops whose trip counts are data, one inside the other."""
import numpy as np
import tilelang.language as T

CASES = [dict(lengths=(200, 0, 1, 64, 65)), dict(lengths=(0, 0))]
OPEN = {"lengths"}


def ragged(D=20, BL=32):
    B = T.dynamic("B")
    L = T.dynamic("L")

    @T.prim_func
    def main(X: T.Tensor((B, L, D), "float32"), length: T.Tensor((B,), "int32"), Y: T.Tensor((B, D), "float32")):
        with T.Kernel(B, threads=128) as b:
            x = T.alloc_shared((BL, D), "float32")
            part = T.alloc_fragment((D,), "float32")
            total = T.alloc_fragment((D,), "float32")
            T.clear(total)
            n = length[b]
            for k in T.Pipelined(T.ceildiv(n, BL), num_stages=2):
                T.copy(X[b, k * BL : (k + 1) * BL, :], x)
                for r in T.serial(T.min(n - k * BL, BL)):
                    for j in T.Parallel(D):
                        total[j] = total[j] + x[r, j]
            for j in T.Parallel(D):
                part[j] = T.if_then_else(n > 0, total[j] / T.cast(n, "float32"), 0.0)
            T.copy(part, Y[b, :])

    return main


def inputs(rng, lengths, D=20, **_):
    L = max(max(lengths), 3)
    return {"X": ("float32", rng.standard_normal((len(lengths), L, D))), "length": ("int32", np.array(lengths))}


def ref(a, lengths, **_):
    return {"Y": ("float32", np.stack([x[:n].mean(0) if n else np.zeros(x.shape[1]) for x, n in zip(a["X"], lengths)]))}
