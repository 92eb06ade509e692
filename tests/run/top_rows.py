# run: -D S=70 -D D=40 -D k=5
"""Compute decides what is fetched: the best keys are found, their rows are gathered in the same launch."""
import numpy as np
import tilelang.language as T

CASES = [dict(S=70, D=40, k=5), dict(S=32, D=32, k=1)]


def top_rows(S, D, k, B=3):
    cols = T.ceildiv(S, 32) * 32

    @T.prim_func
    def main(score: T.Tensor((B, S), "float32"), rows: T.Tensor((S, D), "float32"), out: T.Tensor((B, k, D), "float32"), which: T.Tensor((B, k), "int32")):
        with T.Kernel(B, threads=128) as b:
            x = T.alloc_fragment((cols,), "float32")
            at = T.alloc_fragment((cols,), "int32")
            top = T.alloc_fragment((1,), "float32")
            best = T.alloc_fragment((1,), "int32")
            row = T.alloc_shared((D,), "float32")
            for j in T.Parallel(cols):
                x[j] = T.if_then_else(j < S, score[b, j], -T.infinity("float32"))
            for r in T.serial(k):
                T.reduce_max(x, top, dim=0)
                for j in T.Parallel(cols):
                    at[j] = T.if_then_else(x[j] == top[0], j, cols)
                T.reduce_min(at, best, dim=0)
                which[b, r] = best[0]
                T.copy(rows[best[0], :], row)
                T.copy(row, out[b, r, :])
                for j in T.Parallel(cols):
                    if j == best[0]:
                        x[j] = -T.infinity("float32")

    return main


def inputs(rng, S, D, B=3, **_):
    return {"score": ("float32", rng.integers(-20, 20, (B, S))), "rows": ("float32", rng.standard_normal((S, D)))}


def ref(a, k, **_):
    which = np.argsort(-a["score"], 1, kind="stable")[:, :k]
    return {"out": ("float32", a["rows"][which]), "which": ("int32", which.astype(np.int32))}
