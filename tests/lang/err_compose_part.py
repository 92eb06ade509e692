# entry: both
# a kernel is called with a part of a tensor
import tilelang
import tilelang.language as T


@tilelang.jit
def add(A, B):
    M, N = T.const("M, N")
    A: T.Tensor((M, N), T.float32)
    B: T.Tensor((M, N), T.float32)
    C = T.empty((M, N), T.float32)
    with T.Kernel(M) as b:
        for j in T.Parallel(N):
            C[b, j] = A[b, j] + B[b, j]
    return C


def both(x: T.Tensor((4, 8), "float32"), y: T.Tensor((4, 8), "float32")):
    return add(x, y[0:4, 0:8])
