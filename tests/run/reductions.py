# run: -D M=70 -D N=48
"""Five reductions of one tile, along both axes, into several outputs."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=48), dict(M=32, N=32), dict(M=40, N=7)]


def reductions(M, N, BM=32):
    blocks = T.ceildiv(M, BM)

    @T.prim_func
    def main(
        X: T.Tensor((M, N), "float32"),
        total: T.Tensor((M,), "float32"),
        high: T.Tensor((M,), "float32"),
        low: T.Tensor((M,), "float32"),
        colsum: T.Tensor((blocks, N), "float32"),
        colabs: T.Tensor((blocks, N), "float32"),
    ):
        with T.Kernel(blocks, threads=128) as b:
            x = T.alloc_shared((BM, N), "float32")
            t = T.alloc_fragment((BM,), "float32")
            h = T.alloc_fragment((BM,), "float32")
            l = T.alloc_fragment((BM,), "float32")
            cs = T.alloc_fragment((N,), "float32")
            ca = T.alloc_fragment((N,), "float32")
            T.copy(X[b * BM : (b + 1) * BM, :], x)
            T.reduce_sum(x, t, dim=1)
            T.reduce_max(x, h, dim=1)
            T.reduce_min(x, l, dim=-1)
            T.reduce_sum(x, cs, dim=0)
            T.reduce_absmax(x, ca, dim=0)
            T.copy(t, total[b * BM : (b + 1) * BM])
            T.copy(h, high[b * BM : (b + 1) * BM])
            T.copy(l, low[b * BM : (b + 1) * BM])
            T.copy(cs, colsum[b, :])
            T.copy(ca, colabs[b, :])

    return main


def inputs(rng, M, N, **_):
    return {"X": ("float32", rng.standard_normal((M, N)))}


def ref(a, M, N, BM=32, **_):
    x = a["X"]
    blocks = [x[k : k + BM] for k in range(0, M, BM)]
    out = {"total": x.sum(1), "high": x.max(1), "low": x.min(1), "colsum": np.stack([b.sum(0) for b in blocks]),
           "colabs": np.stack([np.abs(b).max(0) for b in blocks])}
    return {n: ("float32", v) for n, v in out.items()}
