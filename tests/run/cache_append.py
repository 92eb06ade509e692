# run: -D B=3 -D L=50 -D D=40 --input at=range(0,50)
"""A parameter that is read and written: one row of every cache is replaced where `at` says, then all of it is scaled in place."""
import numpy as np
import tilelang.language as T

CASES = [dict(B=3, L=50, D=40), dict(B=1, L=1, D=64)]


def append(B, L, D, BL=32):
    @T.prim_func
    def main(new: T.Tensor((B, D), "float32"), at: T.Tensor((B,), "int32"), cache: T.Tensor((B, L, D), "float32")):
        with T.Kernel(B, threads=128) as b:
            for d in T.Parallel(D):
                cache[b, at[b], d] = new[b, d]

        with T.Kernel(T.ceildiv(L, BL), B, threads=128) as (bl, b):
            for i, d in T.Parallel(BL, D):
                cache[b, bl * BL + i, d] = cache[b, bl * BL + i, d] * 0.5

    return main


def inputs(rng, B, L, D, **_):
    return {"new": ("float32", rng.standard_normal((B, D))), "at": ("int32", rng.integers(0, L, B)), "cache": ("float32", rng.standard_normal((B, L, D)))}


def ref(a, B, **_):
    cache = a["cache"].copy()
    cache[np.arange(B), a["at"]] = a["new"]
    return {"cache": ("float32", cache * 0.5)}
