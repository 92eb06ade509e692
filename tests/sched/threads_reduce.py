# run:
"""Each thread sums its part of a row, the warp joins the sums by shuffles, and the warps theirs in shared memory: nests over the
threads, from one place where they meet to the next."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((8, 1024), "float32"), S: T.Tensor((8,), "float32")):
    with T.Kernel(8, threads=128) as bx:
        tx = T.get_thread_binding()
        sums = T.alloc_local((1,), "float32")
        parts = T.alloc_shared((4,), "float32")
        sums[0] = 0
        for k in T.serial(8):
            sums[0] += A[bx, k * 128 + tx]
        for step in T.serial(5):
            sums[0] += T.shfl_xor(sums[0], 16 >> step)
        if tx % 32 == 0:
            parts[tx // 32] = sums[0]
        T.sync_threads()
        if tx == 0:
            S[bx] = parts[0] + parts[1] + parts[2] + parts[3]
