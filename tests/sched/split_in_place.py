# run:
"""What is read and written in one launch stays in the program's order."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64, 40), "float32"), B: T.Tensor((64, 40), "float32")):
    with T.Kernel(2, threads=128) as bx:
        for i, j in T.Parallel(32, 40):
            A[bx * 32 + i, j] = A[bx * 32 + i, j] + B[bx * 32 + i, j]
