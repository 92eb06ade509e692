# kiln: -D M=50
# run: -D M=50 --input X=normal
"""A maximum that elements are compared with is exact, though the engine reads 19 of 32 bits; one used in arithmetic need not be."""
import tilelang.language as T


def maximum(M, N=64):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32"), Z: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, 32), threads=128) as b:
            x = T.alloc_shared((32, N), "float32")
            y = T.alloc_fragment((32, N), "float32")
            top = T.alloc_fragment((32,), "float32")
            peak = T.alloc_fragment((32,), "float32")
            T.copy(X[b * 32, 0], x)
            T.reduce_max(x, top, dim=1)
            T.reduce_absmax(x, peak, dim=1)
            for i, j in T.Parallel(32, N):
                y[i, j] = T.if_then_else(x[i, j] == top[i], 1.0, 0.0)
            T.copy(y, Y[b * 32, 0])
            for i, j in T.Parallel(32, N):
                y[i, j] = x[i, j] / T.max(peak[i], 0.001)
            T.copy(y, Z[b * 32, 0])

    return main
