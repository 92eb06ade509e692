# kiln: -D M=64
# kiln: -D M=64
# an output of an eager kernel that is not returned
import tilelang
import tilelang.language as T


@tilelang.jit
def f(A):
    M = T.const("M")
    A: T.Tensor((M,), T.float32())
    B = T.empty((M,), T.float32)
    C = T.empty((M,), T.fl1oat32)
    with T.Kernel(M) as b:
        B[b] = A[b]
    return B
