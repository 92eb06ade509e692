# a function of the dialect that is not built yet says so
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    with T.Kernel(1) as b:
        T.atomic_add(A[0], 1.0)
