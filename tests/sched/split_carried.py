# run:
"""The tile of one iteration is used in the next: it becomes compute's own, and the reader fills another one."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((6, 32, 32), "float32"), C: T.Tensor((6, 32, 32), "float32")):
    with T.Kernel(1, threads=128) as bx:
        tile = T.alloc_shared((32, 32), "float32")
        sum = T.alloc_fragment((32, 32), "float32")
        T.copy(A[0, :, :], tile)
        for k in T.Pipelined(5, num_stages=2):
            T.copy(tile, sum)
            T.copy(A[k + 1, :, :], tile)
            for i, j in T.Parallel(32, 32):
                sum[i, j] = sum[i, j] * 0.5 + tile[i, j]
            T.copy(sum, C[k, :, :])
