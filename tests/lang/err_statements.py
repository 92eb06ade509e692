# loops over Python lists are written out, up to a bound
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((1000,), "float32")):
    with T.Kernel(1) as b:
        for i in list(range(1000)):
            for k in list(range(1000)):
                A[i] = k
