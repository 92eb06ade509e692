# kiln: -D M=64 -D blokc=16
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((32,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        for i in T.Parallel(32):
            A[i] = 0.0


@T.prim_func
def g(A: T.Tensor((32,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        for i in T.Parallel(32):
            A[i] = 1.0
