# entry: 
import tilelang
import tilelang.language as T


@tilelang.jit
def add(A, B):
    M, N = T.const("M, N")
    A: T.Tensor((M, N), T.float32)
    B: T.Tensor((M, N), T.float32)
# a shift of floats
    with T.Kernel(M) as b:
        for j in T.Parallel(N):
      ÿÿÿÿ      C[b, j] = A[b, j] + B[b, j]
    return C


