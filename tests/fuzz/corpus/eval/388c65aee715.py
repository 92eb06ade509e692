# run:
import tilelang.language as T


import tilelang.language as T


import tilelang.language as T

def f(A: T.Tensor((64, 40), "float32"), B: T.Tensor((64, 40), "float32")):
    with T.Kernel(2, threads=128) as bx:
        for i, j in T.Parallel(32, 40):
            A[bx * 32 + i, j] = A[bx * 32 + i, j] + B[bx * 32 + i, j]
