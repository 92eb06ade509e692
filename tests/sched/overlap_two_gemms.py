# run:
"""Two products that share an operand are started together, and awaited one iteration later."""
import tilelang.language as T


@T.prim_func
def f(
    A: T.Tensor((64, 160), "bfloat16"),
    B: T.Tensor((160, 64), "bfloat16"),
    D: T.Tensor((160, 64), "bfloat16"),
    C: T.Tensor((64, 64), "float32"),
):
    with T.Kernel(1, threads=128) as bx:
        a = T.alloc_shared((64, 32), "bfloat16")
        b = T.alloc_shared((32, 64), "bfloat16")
        d = T.alloc_shared((32, 64), "bfloat16")
        left = T.alloc_fragment((64, 64), "float32")
        right = T.alloc_fragment((64, 64), "float32")
        T.clear(left)
        T.clear(right)
        for k in T.Pipelined(5, num_stages=2):
            T.copy(A[:, k * 32 : k * 32 + 32], a)
            T.copy(B[k * 32 : k * 32 + 32, :], b)
            T.copy(D[k * 32 : k * 32 + 32, :], d)
            T.gemm(a, b, left)
            T.gemm(a, d, right)
        for i, j in T.Parallel(64, 64):
            left[i, j] = left[i, j] * right[i, j]
        T.copy(left, C)
