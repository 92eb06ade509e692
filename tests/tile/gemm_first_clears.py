# the first product clears the accumulator of those that follow it in flight: no other use of it
import tilelang.language as T


@T.prim_func
def gemm_first_clears(A: T.Tensor((128, 256), "float16"), B: T.Tensor((256, 128), "float16"), C: T.Tensor((128, 128), "float32")):
    with T.Kernel(1, threads=128) as b:
        a = T.alloc_shared((2, 128, 64), "float16")
        w = T.alloc_shared((2, 64, 128), "float16")
        c = T.alloc_fragment((128, 128), "float32")
        for k in T.serial(4):
            T.copy(A[0, k * 64], a[k % 2, :, :])
            T.copy(B[k * 64, 0], w[k % 2, :, :])
            T.wgmma_gemm(a[k % 2, :, :], w[k % 2, :, :], c, clear_accum=(k == 0))
            if k > 0:
                T.wait_wgmma(1)
        T.wait_wgmma(0)
        T.copy(c, C)
