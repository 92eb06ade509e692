# run: -D S=70 -D H=3 -D D=64
"""Rotary positions: the two halves of a head turn into each other; columns are read with an offset and with a stride."""
import numpy as np
import tilelang.language as T

CASES = [dict(S=70, H=3, D=64), dict(S=33, H=2, D=32, paired=True), dict(S=33, H=2, D=32, dtype="bfloat16")]


def rope(S, H, D, BS=32, paired=False, dtype="float16"):
    half = D // 2

    @T.prim_func
    def main(X: T.Tensor((S, H, D), dtype), cos: T.Tensor((S, half), "float32"), sin: T.Tensor((S, half), "float32"), Y: T.Tensor((S, H, D), dtype)):
        with T.Kernel(T.ceildiv(S, BS), H, threads=128) as (b, h):
            for i, j in T.Parallel(BS, half):
                s = b * BS + i
                if paired:
                    x = X[s, h, 2 * j]
                    y = X[s, h, 2 * j + 1]
                    Y[s, h, 2 * j] = x * cos[s, j] - y * sin[s, j]
                    Y[s, h, 2 * j + 1] = x * sin[s, j] + y * cos[s, j]
                else:
                    x = X[s, h, j]
                    y = X[s, h, j + half]
                    Y[s, h, j] = x * cos[s, j] - y * sin[s, j]
                    Y[s, h, j + half] = x * sin[s, j] + y * cos[s, j]

    return main


def inputs(rng, S, H, D, dtype="float16", **_):
    angle = rng.uniform(0, 6, (S, D // 2))
    return {"X": (dtype, rng.standard_normal((S, H, D))), "cos": ("float32", np.cos(angle)), "sin": ("float32", np.sin(angle))}


def ref(a, D, paired=False, dtype="float16", **_):
    x, y = (a["X"][..., 0::2], a["X"][..., 1::2]) if paired else (a["X"][..., : D // 2], a["X"][..., D // 2 :])
    cos, sin = a["cos"][:, None], a["sin"][:, None]
    out = np.empty(a["X"].shape)
    p, q = x * cos - y * sin, x * sin + y * cos
    if paired:
        out[..., 0::2], out[..., 1::2] = p, q
    else:
        out[..., : D // 2], out[..., D // 2 :] = p, q
    return {"Y": (dtype, out)}
