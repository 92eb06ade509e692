"""A size that is known only at the call, and a loop whose length is data: row sums of ragged rows."""
import tilelang.language as T


def ragged_sum(width=128, block=64):
    rows = T.dynamic("rows")

    @T.prim_func
    def main(X: T.Tensor((rows, width), "float32"), length: T.Tensor((rows,), "int32"), Y: T.Tensor((rows,), "float32")):
        with T.Kernel(rows, threads=128) as r:
            x = T.alloc_shared((block,), "float32")
            kept = T.alloc_fragment((block,), "float32")
            part = T.alloc_fragment((1,), "float32")
            total = T.alloc_fragment((1,), "float32")
            T.clear(total)
            n = T.min(length[r], width)
            for k in T.Pipelined(T.ceildiv(n, block), num_stages=2):
                T.copy(X[r, k * block : (k + 1) * block], x)
                for i in T.Parallel(block):
                    kept[i] = T.if_then_else(k * block + i < n, x[i], 0.0)
                T.reduce_sum(kept, part, dim=0)
                for i in T.Parallel(1):
                    total[i] = total[i] + part[i]
            T.copy(total, Y[r : r + 1])

    return main
