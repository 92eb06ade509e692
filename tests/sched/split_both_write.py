# run:
"""A tile that the reader fetches and compute changes in place."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((4, 32, 32), "float16"), B: T.Tensor((32, 32), "float16"), C: T.Tensor((32, 32), "float32")):
    with T.Kernel(1, threads=128) as bx:
        a = T.alloc_shared((32, 32), "float16")
        b = T.alloc_shared((32, 32), "float16")
        acc = T.alloc_fragment((32, 32), "float32")
        T.copy(B, b)
        T.clear(acc)
        for k in T.Pipelined(4, num_stages=2):
            T.copy(A[k, :, :], a)
            for i, j in T.Parallel(32, 32):
                a[i, j] = T.max(a[i, j], T.float16(0.0))
            T.gemm(a, b, acc)
        T.copy(acc, C)
