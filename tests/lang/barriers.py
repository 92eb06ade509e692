# barriers in shared memory, copies and gemms in flight
import tilelang.language as T


@T.prim_func
def barriers(A: T.Tensor((256, 64), "float16"), B: T.Tensor((64, 64), "float16"), C: T.Tensor((256, 64), "float32")):
    with T.Kernel(4, threads=256) as bx:
        a = T.alloc_shared((2, 128, 64), "float16")
        b = T.alloc_shared((64, 64), "float16")
        c = T.alloc_fragment((64, 64), "float32")
        full = T.alloc_barrier(arrive_count=[128] * 2)
        done = T.alloc_barrier(128)
        tx = T.get_thread_binding()
        T.set_max_nreg(240, 1)
        with T.ws(0):
            for k in T.serial(2):
                T.mbarrier_wait_parity(mbarrier=full[k % 2], parity=k & 1)
                T.wgmma_gemm(a[k % 2, 0:64, :], b, c, clear_accum=(k == 0))
                T.wait_wgmma(0)
                T.barrier_arrive(done)
        with T.ws(1):
            T.tma_copy(A[bx * 64 : bx * 64 + 64, :], a[0, 0:64, :], barrier=full[0])
            T.mbarrier_expect_tx(full[1], 8192)
            T.ptx_cp_async(T.access_ptr(a[1, tx - 128, 0], "w", 8), T.access_ptr(A[tx - 128, 0], "r", 8), 8)
            T.ptx_cp_async(T.access_ptr(a[1, tx - 128, 8], "w", 8), T.access_ptr(A[tx - 128, 8], "r", 8), 8, predicate=tx < 130)
            T.ptx_commit_group()
            T.ptx_wait_group(0)
            T.cp_async_barrier_noinc(full[1])
            T.fence_proxy_async()
            T.barrier_wait(done, 0)
        T.async_copy(B, b)
        T.copy(c, C[bx * 64, 0])
