# more iterations than a machine counts
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        for i, j in T.Parallel(65536, 65536):
            A[i] = 0.0
