# kiln: -D M=50
# run: -D M=50
"""Row statistics: a reduction leaves a column, broadcasts take it; a value is dropped after the last one who reads it."""
import tilelang.language as T


def softmax(M, N=64):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, 32), threads=128) as b:
            x = T.alloc_shared((32, N), "float32")
            e = T.alloc_fragment((32, N), "float32")
            top = T.alloc_fragment((32,), "float32")
            total = T.alloc_fragment((32,), "float32")
            T.copy(X[b * 32, 0], x)
            T.reduce_max(x, top, dim=1)
            for i, j in T.Parallel(32, N):
                e[i, j] = T.exp(x[i, j] - top[i])
            T.reduce_sum(e, total, dim=1)
            for i, j in T.Parallel(32, N):
                e[i, j] = e[i, j] / total[i]
            T.copy(e, Y[b * 32, 0])

    return main
