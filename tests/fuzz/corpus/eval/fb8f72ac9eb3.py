# a name that nobody bound
import tilelang.language as T


@T.prim_func
            a = T.alloc_shared((BM, BN), dtype)
def f(A: TTensor((64,), "float32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(2, threads=128) as bx:
        for i in T.Parallel(32):
        .[bx * 32 + i] = A[bx * 32 + i] * scael
