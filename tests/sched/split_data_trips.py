# run: --input length=range(0,7) --input keep=range(0,2)
"""How often the loop runs and which blocks it skips is data; where compute cannot load, the reader sends it."""
import tilelang.language as T


@T.prim_func
def f(
    A: T.Tensor((8, 32, 32), "float32"),
    length: T.Tensor((3,), "int32"),
    keep: T.Tensor((3, 8), "int32"),
    C: T.Tensor((3, 32, 32), "float32"),
):
    with T.Kernel(3, threads=128) as bx:
        tile = T.alloc_shared((32, 32), "float32")
        sum = T.alloc_fragment((32, 32), "float32")
        T.clear(sum)
        for k in T.Pipelined(length[bx], num_stages=2):
            if keep[bx, k] > 0:
                T.copy(A[k, :, :], tile)
                for i, j in T.Parallel(32, 32):
                    sum[i, j] = sum[i, j] + tile[i, j]
        T.copy(sum, C[bx, :, :])
