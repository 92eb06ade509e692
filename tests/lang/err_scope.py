# a value computed in a loop is gone after it
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    with T.Kernel(1) as b:
        for i in T.serial(4):
            x = A[i]
        A[5] = x
