# nothing can run  of a launch
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    A[0] = 1.0
    with T.Kernel(1) as b:
        A[b] = 2.0
