# run:
"""Roles by hand: warp 0 fetches, warps 1 to 3 multiply, the rest store; rings of two slots with a pair of barriers each. The
schedule has the same three roles, and pipes for the barriers."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64, 256), "bfloat16"), B: T.Tensor((256, 64), "bfloat16"), C: T.Tensor((64, 64), "float32")):
    with T.Kernel(1, threads=256) as bx:
        tx = T.get_thread_binding()
        A_s = T.alloc_shared((2, 64, 64), "bfloat16")
        B_s = T.alloc_shared((2, 64, 64), "bfloat16")
        C_s = T.alloc_shared((64, 64), "float32")
        acc = T.alloc_fragment((64, 64), "float32")
        full = T.alloc_barrier([32, 32])
        empty = T.alloc_barrier([96, 96])
        done = T.alloc_barrier(96)
        if tx < 32:
            for k in T.serial(4):
                T.barrier_wait(empty[k % 2], (k // 2 & 1) ^ 1)
                T.tma_copy(A[0, k * 64], A_s[k % 2, :, :], barrier=full[k % 2])
                T.tma_copy(B[k * 64, 0], B_s[k % 2, :, :], barrier=full[k % 2])
                T.barrier_arrive(full[k % 2])
        elif tx < 128:
            T.clear(acc)
            for k in T.serial(4):
                T.barrier_wait(full[k % 2], k // 2 & 1)
                T.gemm(A_s[k % 2, :, :], B_s[k % 2, :, :], acc)
                T.barrier_arrive(empty[k % 2])
            T.copy(acc, C_s)
            T.barrier_arrive(done)
        else:
            T.barrier_wait(done, 0)
            T.copy(C_s, C)
