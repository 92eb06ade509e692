# a size that no launch can know
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    with T.Kernel(n) as b:
        A[b] = 1.0
