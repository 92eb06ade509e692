# a part of the language that is not built yet says so
import tilelang.language as T

sizes = [16, 32, 64]
sizes[::2] = [8, 8]


@T.prim_func
def f(A: T.Tensor((sizes[0],), "float32")):
    with T.Kernel(1) as b:
        A[b] = 1.0
