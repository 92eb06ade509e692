# run: --input index=range(0,20)
"""A list of rows that the reader fetches and follows, while compute looks at it too: the reader keeps a copy of its own."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((20, 32), "float32"), index: T.Tensor((4, 16), "int32"), C: T.Tensor((4, 16, 32), "float32")):
    with T.Kernel(1, threads=128) as bx:
        list = T.alloc_shared((16,), "int32")
        rows = T.alloc_shared((16, 32), "float32")
        for k in T.Pipelined(4, num_stages=2):
            T.copy(index[k, :], list)
            for i, j in T.Parallel(16, 32):
                rows[i, j] = A[list[i], j]
            for i, j in T.Parallel(16, 32):
                C[k, i, j] = T.if_then_else(list[i] > 9, rows[i, j], -rows[i, j])
