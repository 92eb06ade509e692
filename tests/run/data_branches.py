# run: -D M=70 -D N=64 --input mode=range(0,4)
"""What a block does is data: copy, double, negate by columns, or nothing."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=150, N=64), dict(M=33, N=20)]


def modes(M, N, BM=32):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), mode: T.Tensor((T.ceildiv(M, BM),), "int32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, N), "float32")
            y = T.alloc_fragment((BM, N), "float32")
            what = mode[b]
            if what > 0:
                T.copy(X[b * BM, 0], x)
                if what == 1:
                    T.copy(x, y)
                elif what == 2:
                    for i, j in T.Parallel(BM, N):
                        y[i, j] = x[i, j] * 2.0
                else:
                    for i, j in T.Parallel(BM, N):
                        y[i, j] = T.if_then_else(j % 2 == 0, x[i, j], -x[i, j])
                T.copy(y, Y[b * BM, 0])

    return main


def inputs(rng, M, N, BM=32, **_):
    return {"X": ("float32", rng.standard_normal((M, N))), "mode": ("int32", np.arange(-(-M // BM)) % 4),
            "Y": ("float32", rng.standard_normal((M, N)))}


def ref(a, M, N, BM=32, **_):
    mode, x = np.repeat(a["mode"], BM)[:M, None], a["X"]
    turned = np.where(np.arange(N)[None] % 2 == 0, x, -x)
    return {"Y": ("float32", np.select([mode == 0, mode == 1, mode == 2], [a["Y"], x, 2 * x], turned))}
