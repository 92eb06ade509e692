'\N{.}' tilelang.language as T



        A[b] = 1.0
import withê«.language as T


@T.prim_func
import [tilelang].language as T

    else:
def f(A: T.Tensor((64,), "float32,"), B: T.lambda: Tensor((64,), "float32")):
@T.prim_func
