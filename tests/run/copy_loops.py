# run: -D G=3 -D M=40 -D N=50
"""Many small copies in a serial loop into parts of one tile, then one use of it; and the same on the way out."""
import numpy as np
import tilelang.language as T

CASES = [dict(G=3, M=40, N=50), dict(G=1, M=32, N=32)]


def parts(G, M, N, BM=32, BN=32, rows=4):
    @T.prim_func
    def main(X: T.Tensor((G, M, N), "float32"), Y: T.Tensor((M, G, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), G, threads=128) as (bx, by, g):
            x = T.alloc_shared((BM, BN), "float32")
            y = T.alloc_shared((BM, BN), "float32")
            for p in T.serial(BM // rows):
                T.copy(X[g, by * BM + p * rows : by * BM + (p + 1) * rows, bx * BN : (bx + 1) * BN], x[p * rows : (p + 1) * rows, :])
            for i, j in T.Parallel(BM, BN):
                y[i, j] = x[BM - 1 - i, j]
            for p in T.serial(BM // rows):
                T.copy(y[p * rows : (p + 1) * rows, :], Y[by * BM + p * rows : by * BM + (p + 1) * rows, g, bx * BN : (bx + 1) * BN])

    return main


def inputs(rng, G, M, N, **_):
    return {"X": ("float32", rng.standard_normal((G, M, N)))}


def ref(a, G, M, N, BM=32, **_):
    n = -(-M // BM) * BM
    x = np.zeros((G, n, N))
    x[:, :M] = a["X"]
    return {"Y": ("float32", x.reshape(G, -1, BM, N)[:, :, ::-1].reshape(G, n, N)[:, :M].transpose(1, 0, 2))}
