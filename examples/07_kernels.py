"""Kernels that call kernels: one program of several launches. The sizes of a kernel that is called come from what is passed; what it
makes and nobody returns lives between the launches, in a workspace that the caller owns."""
import tilelang
import tilelang.language as T


@tilelang.jit
def normalise(X, eps: float = 1e-5):
    rows, width = T.const("rows, width")
    X: T.Tensor((rows, width), "float32")
    Y = T.empty((rows, width), "float32")
    with T.Kernel(T.ceildiv(rows, 32), threads=128) as bx:
        x = T.alloc_shared((32, width), "float32")
        square = T.alloc_fragment((32, width), "float32")
        mean = T.alloc_fragment((32,), "float32")
        T.copy(X[bx * 32, 0], x)
        for i, j in T.Parallel(32, width):
            square[i, j] = x[i, j] * x[i, j]
        T.reduce_sum(square, mean, dim=1)
        for i, j in T.Parallel(32, width):
            x[i, j] = x[i, j] * T.rsqrt(mean[i] / width + eps)
        T.copy(x, Y[bx * 32, 0])
    return Y


@tilelang.jit
def product(A, B):
    M, N, K = T.const("M, N, K")
    A: T.Tensor((M, K), "float32")
    B: T.Tensor((K, N), "float32")
    C = T.empty((M, N), "float32")
    with T.Kernel(T.ceildiv(N, 64), T.ceildiv(M, 64), threads=128) as (bx, by):
        a = T.alloc_shared((64, 32), "float32")
        b = T.alloc_shared((32, 64), "float32")
        c = T.alloc_fragment((64, 64), "float32")
        T.clear(c)
        for k in T.Pipelined(T.ceildiv(K, 32), num_stages=2):
            T.copy(A[by * 64, k * 32], a)
            T.copy(B[k * 32, bx * 64], b)
            T.gemm(a, b, c)
        T.copy(c, C[by * 64, bx * 64])
    return C


def block(X: T.Tensor((70, 96), "float32"), up: T.Tensor((96, 130), "float32"), down: T.Tensor((130, 96), "float32")):
    return product(product(normalise(X), up), down)
