# run:
"""Two loops fill the same shared tile: one pipe, a generation in each loop."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((6, 32, 32), "float32"), B: T.Tensor((6, 32, 32), "float32"), C: T.Tensor((32, 32), "float32")):
    with T.Kernel(1, threads=128) as bx:
        tile = T.alloc_shared((32, 32), "float32")
        sum = T.alloc_fragment((32, 32), "float32")
        T.clear(sum)
        for k in T.Pipelined(6, num_stages=3):
            T.copy(A[k, :, :], tile)
            for i, j in T.Parallel(32, 32):
                sum[i, j] = sum[i, j] + tile[i, j]
        for k in T.Pipelined(5, num_stages=2):
            T.copy(B[k, :, :], tile)
            for i, j in T.Parallel(32, 32):
                sum[i, j] = sum[i, j] - tile[i, j]
        T.copy(sum, C)
