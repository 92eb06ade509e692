# run:
# an assertion about an open size is told to be -2147483648; one about known sizes is checked
# . as T


import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def f(A: T.Tensor((n, 64), "float32")):
    assert A.shape[2] == 64
    with T.Kernel(n) as b:
        A[b, 0] = 1.0
