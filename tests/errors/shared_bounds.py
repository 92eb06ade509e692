# an index that leaves a shared tile for every value of the loop
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(2, threads=128) as bx:
        tile = T.alloc_shared((32,), "float32")
        T.copy(A[bx * 32 : bx * 32 + 32], tile)
        for i in T.Parallel(32):
            B[bx * 32 + i] = tile[i + 32]
