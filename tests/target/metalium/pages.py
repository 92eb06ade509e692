# kiln: -D W=40
# run: -D W=40 -D B=3 -D rows=7 --input index=range(-1,8) --input length=range(0,70)
"""Lengths and indices that only the data knows: loop bounds reach compute through a pipe, rows are picked by an index list."""
import tilelang.language as T


def pages(W=40):
    B = T.dynamic("B")
    rows = T.dynamic("rows")

    @T.prim_func
    def main(
        X: T.Tensor((rows, W), "bfloat16"),
        index: T.Tensor((B, 64), "int32"),
        length: T.Tensor((B,), "int32"),
        Y: T.Tensor((B, W), "float32"),
    ):
        with T.Kernel(B, threads=128) as b:
            x = T.alloc_shared((32, W), "bfloat16")
            part = T.alloc_fragment((W,), "float32")
            total = T.alloc_fragment((W,), "float32")
            T.clear(total)
            n = T.min(length[b], 64)
            for k in T.serial(T.ceildiv(n, 32)):
                for i, j in T.Parallel(32, W):
                    x[i, j] = X[index[b, k * 32 + i], j]
                T.reduce_sum(x, part, dim=0)
                for j in T.Parallel(W):
                    total[j] = total[j] + part[j]
            T.copy(total, Y[b, :])

    return main
