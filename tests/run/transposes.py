# run: -D B=2 -D M=5 -D N=7
"""T.transpose changes the last two axes of tiles, of whole tensors and of regions; T.round goes to the even number unless told otherwise."""
import numpy as np
import tilelang.language as T

CASES = [dict(B=2, M=5, N=7), dict(B=1, M=3, N=3)]


def transposes(B, M, N):
    @T.prim_func
    def main(
        X: T.Tensor((B, M, N), "float32"),
        whole: T.Tensor((B, N, M), "float32"),
        last: T.Tensor((B, 1, M), "float32"),
        even: T.Tensor((B, N, M), "float32"),
        away: T.Tensor((B, N, M), "float32"),
    ):
        with T.Kernel(1, threads=32):
            T.transpose(X, whole)
            T.transpose(X[0:B, 0:M, N - 1 : N], last[0:B, 0:1, 0:M])
        with T.Kernel(B, threads=32) as b:
            x = T.alloc_shared((M, N), "float32")
            y = T.alloc_shared((N, M), "float32")
            T.copy(X[b, :, :], x)
            T.transpose(x, y)
            for i, j in T.Parallel(N, M):
                even[b, i, j] = T.round(y[i, j])
                away[b, i, j] = T.round(y[i, j], "ties-away-from-zero")

    return main


def inputs(rng, B, M, N, **_):
    return {"X": ("float32", rng.integers(-9, 9, (B, M, N)) / 2)}


def ref(a, **_):
    x = a["X"]
    t = x.swapaxes(1, 2)
    return {"whole": ("float32", t), "last": ("float32", x[:, :, -1:].swapaxes(1, 2)), "even": ("float32", np.rint(t)),
            "away": ("float32", np.trunc(t + np.copysign(0.5, t)))}
