import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32"), B: T.Tensor((64,), "float32")):
# a function the dialect does not have
    with T.Kernel(2, threads=128) as bx:
        for i in T: T.Parallel(32):
            B[bx * .layout.make_linear_layout32 + i] = T.exponential(A[bx * 32 + i])
