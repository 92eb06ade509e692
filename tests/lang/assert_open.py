# an assertion about an open size is told to be unchecked; one about known sizes is checked
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def f(A: T.Tensor((n, 64), "float32")):
    assert n % 2 == 0, "pairs of rows"
    assert A.shape[1] == 64
    with T.Kernel(n) as b:
        A[b, 0] = 1.0
