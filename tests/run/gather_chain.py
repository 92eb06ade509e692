# run: -D n=100 -D m=50 -D w=40 --input first=range(0,70) --input second=range(0,50)
"""An index that is itself looked up: out[i] = table[second[first[i]]]."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=100, m=50, w=40), dict(n=33, m=5, w=64)]


def gather(n, m, w, BN=32, middle=70):
    @T.prim_func
    def main(
        table: T.Tensor((m, w), "float32"),
        first: T.Tensor((n,), "int32"),
        second: T.Tensor((middle,), "int32"),
        out: T.Tensor((n, w), "float32"),
    ):
        with T.Kernel(T.ceildiv(n, BN), threads=128) as b:
            rows = T.alloc_shared((BN, w), "float32")
            for i, j in T.Parallel(BN, w):
                rows[i, j] = table[second[first[b * BN + i]], j]
            for i, j in T.Parallel(BN, w):
                out[b * BN + i, j] = rows[i, j] * 2.0

    return main


def inputs(rng, n, m, w, middle=70, **_):
    return {"table": ("float32", rng.standard_normal((m, w))), "first": ("int32", rng.integers(0, middle, n)),
            "second": ("int32", rng.integers(0, m, middle))}


def ref(a, **_):
    return {"out": ("float32", a["table"][a["second"][a["first"]]] * 2)}
