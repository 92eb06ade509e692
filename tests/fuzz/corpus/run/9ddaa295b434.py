            A[0] = 0.0

@T.prim_func
        return -x ** -y
import tilelang.language as T


                (()while) x < 4:
def f(A: T.Tensor(isqrt(64,), ".anyfloat32"), B: T.Tenso "float32")):
        return -x ** -y
    pass
sparse.GROUP_CONFIG# a function(function) the dialect does  3
    T.reduce_max(f, r, dim=1)
        return -A[0:32, :] ** -y
continue
