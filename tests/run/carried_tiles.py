# run: -D S=100 -D D=32
"""Differences of neighbouring tiles: the last tile is kept in shared memory while the next is fetched."""
import numpy as np
import tilelang.language as T

CASES = [dict(S=100, D=32), dict(S=32, D=20), dict(S=33, D=32, BS=16)]


def difference(S, D, BS=32):
    @T.prim_func
    def main(X: T.Tensor((S, D), "float32"), Y: T.Tensor((S, D), "float32"), Z: T.Tensor((S, D), "float32")):
        with T.Kernel(1, threads=128) as _:
            last = T.alloc_shared((BS, D), "float32")
            here = T.alloc_shared((BS, D), "float32")
            T.clear(last)
            for k in T.Pipelined(T.ceildiv(S, BS), num_stages=2):
                T.copy(X[k * BS, 0], here)
                for i, d in T.Parallel(BS, D):
                    Y[k * BS + i, d] = here[i, d] - last[i, d]
                T.copy(here, last)
            T.copy(X[0, 0], last)
            for k in T.serial(T.ceildiv(S, BS)):
                for i, d in T.Parallel(BS, D):
                    here[i, d] = last[i, d] * 0.5
                T.copy(here, Z[k * BS, 0])
                T.copy(here, last)

    return main


def inputs(rng, S, D, **_):
    return {"X": ("float32", rng.standard_normal((S, D)))}


def ref(a, S, D, BS=32, **_):
    x = a["X"]
    before = np.concatenate([np.zeros((BS, D)), x])[:S]
    z, t = np.zeros((S, D)), np.pad(x[:BS], ((0, max(BS - S, 0)), (0, 0)))
    for k in range(0, S, BS):
        t = t * 0.5
        z[k : k + BS] = t[: S - k]
    return {"Y": ("float32", x - before), "Z": ("float32", z)}
