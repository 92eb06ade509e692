# run: -D S=100 -D C=40
"""A causal convolution over time by loads that are shifted back; what is before the start reads 0."""
import numpy as np
import tilelang.language as T

CASES = [dict(S=100, C=40), dict(S=33, C=65, W=3)]


def conv(S, C, W=4, BS=32, BC=32):
    @T.prim_func
    def main(X: T.Tensor((S, C), "float32"), k: T.Tensor((C, W), "float32"), Y: T.Tensor((S, C), "float32")):
        with T.Kernel(T.ceildiv(C, BC), T.ceildiv(S, BS), threads=128) as (bc, bs):
            acc = T.alloc_fragment((BS, BC), "float32")
            T.clear(acc)
            for w in T.serial(W):
                for i, c in T.Parallel(BS, BC):
                    acc[i, c] += X[bs * BS + i - (W - 1) + w, bc * BC + c] * k[bc * BC + c, w]
            T.copy(acc, Y[bs * BS, bc * BC])

    return main


def inputs(rng, S, C, W=4, **_):
    return {"X": ("float32", rng.standard_normal((S, C))), "k": ("float32", rng.standard_normal((C, W)))}


def ref(a, S, W=4, **_):
    padded = np.concatenate([np.zeros((W - 1, a["X"].shape[1])), a["X"]])
    return {"Y": ("float32", sum(padded[w : w + S] * a["k"][:, w] for w in range(W)))}
