# run: -D M=40 -D N=100
"""Root mean square norm: the row fits one tile, which is wider than the tensor."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(M=40, N=100), dict(M=70, N=31, dtype="float32")]


@tilelang.jit(out_idx=[2])
def rms_norm(M, N, BM=32, cols=128, eps=1e-5, dtype="bfloat16"):
    @T.prim_func
    def main(X: T.Tensor((M, N), dtype), w: T.Tensor((N,), dtype), Y: T.Tensor((M, N), dtype)):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as b:
            x_s = T.alloc_shared((BM, cols), dtype)
            w_s = T.alloc_shared((cols,), dtype)
            x = T.alloc_fragment((BM, cols), "float32")
            squares = T.alloc_fragment((BM, cols), "float32")
            mean = T.alloc_fragment((BM,), "float32")
            T.copy(X[b * BM, 0], x_s)
            T.copy(w[0], w_s)
            T.copy(x_s, x)
            for i, j in T.Parallel(BM, cols):
                squares[i, j] = x[i, j] * x[i, j]
            T.reduce_sum(squares, mean, dim=1)
            for i in T.Parallel(BM):
                mean[i] = T.rsqrt(mean[i] / N + eps)
            for i, j in T.Parallel(BM, cols):
                x[i, j] *= mean[i] * w_s[j]
            T.copy(x, x_s)
            T.copy(x_s, Y[b * BM, 0])

    return main


def inputs(rng, M, N, dtype="bfloat16", **_):
    return {"X": (dtype, rng.standard_normal((M, N))), "w": (dtype, rng.standard_normal(N))}


def ref(a, dtype="bfloat16", eps=1e-5, **_):
    return {"Y": (dtype, a["X"] / np.sqrt((a["X"] ** 2).mean(1, keepdims=True) + eps) * a["w"])}
