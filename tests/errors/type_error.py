# a shift of floats
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(2, threads=128) as bx:
        for i in T.Parallel(32):
            B[bx * 32 + i] = A[bx * 32 + i] << 2
