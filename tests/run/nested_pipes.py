# run: -D M=70 -D N=100 -D G=3
"""A pipelined loop inside a pipelined loop: groups of rows, and tiles of each, with a tile that the outer loop holds."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=100, G=3), dict(M=33, N=40, G=1)]


def nested(M, N, G, BM=32, BN=32):
    @T.prim_func
    def main(X: T.Tensor((G, M, N), "float32"), w: T.Tensor((G, N), "float32"), Y: T.Tensor((M,), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x = T.alloc_shared((BM, BN), "float32")
            w_s = T.alloc_shared((BN,), "float32")
            bias = T.alloc_shared((BM,), "float32")
            f = T.alloc_fragment((BM, BN), "float32")
            acc = T.alloc_fragment((BM,), "float32")
            T.clear(acc)
            for g in T.Pipelined(G, num_stages=2):
                T.copy(X[g, b * BM : (b + 1) * BM, 0], bias)
                for k in T.Pipelined(T.ceildiv(N, BN), num_stages=2):
                    T.copy(X[g, b * BM : (b + 1) * BM, k * BN : (k + 1) * BN], x)
                    T.copy(w[g, k * BN : (k + 1) * BN], w_s)
                    for i, j in T.Parallel(BM, BN):
                        f[i, j] = x[i, j] * w_s[j]
                    T.reduce_sum(f, acc, dim=1, clear=False)
                for i in T.Parallel(BM):
                    acc[i] = acc[i] + bias[i]
            T.copy(acc, Y[b * BM : (b + 1) * BM])

    return main


def inputs(rng, M, N, G, **_):
    return {"X": ("float32", rng.standard_normal((G, M, N))), "w": ("float32", rng.standard_normal((G, N)))}


def ref(a, **_):
    return {"Y": ("float32", np.einsum("gmn,gn->m", a["X"], a["w"]) + a["X"][:, :, 0].sum(0))}
