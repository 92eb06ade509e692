"""Rows that fit a tile: load, reduce, normalise, store. Columns beyond n read 0, so they are masked."""
import tilelang.language as T


def softmax(m, n, block=32, dtype="float32"):
    cols = T.ceildiv(n, 32) * 32

    @T.prim_func
    def main(X: T.Tensor((m, n), dtype), Y: T.Tensor((m, n), dtype)):
        with T.Kernel(T.ceildiv(m, block), threads=128) as bx:
            x = T.alloc_fragment((block, cols), "float32")
            high = T.alloc_fragment((block,), "float32")
            total = T.alloc_fragment((block,), "float32")
            T.copy(X[bx * block, 0], x)
            for i, j in T.Parallel(block, cols):
                x[i, j] = T.if_then_else(j < n, x[i, j], -T.infinity("float32"))
            T.reduce_max(x, high, dim=1)
            for i, j in T.Parallel(block, cols):
                x[i, j] = T.exp(x[i, j] - high[i])
            T.reduce_sum(x, total, dim=1)
            for i, j in T.Parallel(block, cols):
                x[i, j] = x[i, j] / total[i]
            T.copy(x, Y[bx * block, 0])

    return main
