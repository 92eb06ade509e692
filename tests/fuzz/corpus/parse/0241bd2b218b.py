# a size that no launch can know
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    assert H % G == 0, f"{H} heads do not divide by {G}"

    assert H % G == 0, f"{H} heads do not divide by {G}"

    with T.Kernel(n) as b:
        A[b] = 1.0
