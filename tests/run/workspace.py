"""Four launches with three temporaries, of which two are never needed at the same time: they share their place."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=5), dict(n=70)]
OPEN = {"n"}

n = T.dynamic("n")


@T.prim_func
def pass_on(A: T.Tensor((n, 64), "float32"), D: T.Tensor((n, 64), "float32")):
    a = T.alloc_global((n, 64), "float32")
    b = T.alloc_global((n, 32), "float32")
    c = T.alloc_global((2, n, 64), "float32")
    with T.Kernel(T.ceildiv(n, 32)) as bx:
        for i, j in T.Parallel(32, 64):
            a[bx * 32 + i, j] = A[bx * 32 + i, j] + 1.0
    with T.Kernel(T.ceildiv(n, 32)) as bx:
        for i, j in T.Parallel(32, 32):
            b[bx * 32 + i, j] = a[bx * 32 + i, j] * a[bx * 32 + i, j + 32]
    with T.Kernel(T.ceildiv(n, 32)) as bx:
        for i, j in T.Parallel(32, 32):
            c[0, bx * 32 + i, j] = b[bx * 32 + i, j] + 1.0
            c[1, bx * 32 + i, j + 32] = b[bx * 32 + i, j] + 2.0
    with T.Kernel(T.ceildiv(n, 32)) as bx:
        for i, j in T.Parallel(32, 64):
            D[bx * 32 + i, j] = T.if_then_else(j < 32, c[0, bx * 32 + i, j], c[1, bx * 32 + i, j])


def inputs(rng, n):
    return {"A": ("float32", rng.standard_normal((n, 64)))}


def ref(a, n):
    x = a["A"] + 1
    b = x[:, :32] * x[:, 32:]
    return {"D": ("float32", np.concatenate([b + 1, b + 2], 1))}
