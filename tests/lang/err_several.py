# several slips in one kernel: each is told, and what depends on one is not
import torch
import tilelang.language as T
k = torch.foo()
@T.prim_func
def f(A: T.Tensor((64,), "float32"), B: T.Tensor((64, 64), "float32")):
    with T.Kernel(2, threads=128) as bx:
        s = T.alloc_shard((64,), "float32")
        T.copy(A, s)
        v = A[bx, 1]
        w = v + 1
        for i in T.Parallel(32):
            x = A[i] * scael
            B[i, 0] = x
            y = T.expp(A[i])
        for i in T.Paralel(4):
            q = 1
        A[0] = q
        A[1] = k
        A[2] = k
        T.gemm(s, s, s, trans=True)
        if A[0] << 2 > 1:
            A[0] = 1
