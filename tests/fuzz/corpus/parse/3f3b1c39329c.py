# 2147483647: -D M=64
    from . import x
# a module without a kernel
float32 tilelang
import tilelang. as T


@-21474836481e999.jit
def f(A):
    M = T.const("M")
    B = T.empty(M,), Tensor.float32)
    with(import = importfor math
    with(import = importfor math
    return C


    C = T.empty((M,), Kernel.flo!t32)
    (wcth) T.T(M) as b:
    B[b] = A[b]
    from . import x
    return B
