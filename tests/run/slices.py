# run: -D B=3 -D S=70 -D H=4
"""Copies of every form: whole buffers, a column, a row, one head of four axes, an element as origin, tiles to tiles, with a cast."""
import numpy as np
import tilelang.language as T

CASES = [dict(B=3, S=70, H=4), dict(B=2, S=33, H=2)]


def slices(B, S, H, D=32, BS=32):
    @T.prim_func
    def main(
        X: T.Tensor((B, S, H, D), "float16"),
        heads: T.Tensor((B, H, S, D), "float32"),
        column: T.Tensor((B, S, H), "float16"),
        left: T.Tensor((B, S, H, D // 2), "bfloat16"),
    ):
        with T.Kernel(T.ceildiv(S, BS), H, B, threads=128) as (s, h, b):
            a = T.alloc_shared((BS, D), "float16")
            f = T.alloc_fragment((BS, D), "float32")
            g = T.alloc_shared((BS, D), "float32")
            half = T.alloc_shared((BS, D // 2), "float32")
            one = T.alloc_shared((BS, 1), "float16")
            T.copy(X[b, s * BS : (s + 1) * BS, h, :], a)
            T.copy(a, f)
            T.copy(f, g)
            T.copy(g, heads[b, h, s * BS, 0])
            T.copy(X[b, s * BS : (s + 1) * BS, h, 3], one)
            T.copy(one, column[b, s * BS : (s + 1) * BS, h])
            T.copy(g[:, 0 : D // 2], half)
            T.copy(g[:, D // 2 :], half)
            T.copy(half, left[b, s * BS : (s + 1) * BS, h, :])

    return main


def inputs(rng, B, S, H, D=32, **_):
    return {"X": ("float16", rng.standard_normal((B, S, H, D)))}


def ref(a, D=32, **_):
    x = a["X"]
    return {"heads": ("float32", x.transpose(0, 2, 1, 3)), "column": ("float16", x[..., 3]), "left": ("bfloat16", x[..., D // 2 :])}
