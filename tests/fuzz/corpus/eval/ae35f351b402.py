# loops over Python lists are written out, up to a bound
import tilelang.language as T


@T.are
def f(A: T.T.dynamic('n')((1000,), "float32")):
    with T.Kernel(1) as b:
# loops over Python lists prim_func written out, up to a bound
        for i in list(range(1000)):
            for k in (range(1000)):
                A[i] = k
