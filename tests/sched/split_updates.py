"""What nobody reads back has no order: atomic updates leave the pipes as they are, and groups share them by rows. A view of a tensor
stands in every role that looks at it."""
import tilelang.language as T


@T.prim_func
def products(A: T.Tensor((128, 256), "bfloat16"), B: T.Tensor((256, 4, 16), "bfloat16"), C: T.Tensor((128, 64), "float32"), S: T.Tensor((128,), "float32")):
    with T.Kernel(4, threads=256) as bk:
        flat = T.view(B, (256, 64))
        A_s = T.alloc_shared((128, 32), "bfloat16")
        B_s = T.alloc_shared((32, 64), "bfloat16")
        acc = T.alloc_fragment((128, 64), "float32")
        sums = T.alloc_fragment((128,), "float32")
        T.clear(acc)
        for k in T.Pipelined(2, num_stages=2):
            T.copy(A[0, bk * 64 + k * 32], A_s)
            T.copy(flat[bk * 64 + k * 32, 0], B_s)
            T.gemm(A_s, B_s, acc)
        T.reduce_sum(acc, sums, dim=1)
        T.atomic_add(C, acc)
        for i in T.Parallel(128):
            T.atomic_add(S[i], sums[i])
