# an accumulator is cleared while a product that was started still adds to it
import tilelang.language as T


@T.prim_func
def gemm_cleared(A: T.Tensor((128, 256), "float16"), B: T.Tensor((256, 128), "float16"), C: T.Tensor((128, 128), "float32")):
    with T.Kernel(1, threads=128) as b:
        a = T.alloc_shared((2, 128, 64), "float16")
        w = T.alloc_shared((2, 64, 128), "float16")
        c = T.alloc_fragment((128, 128), "float32")
        T.clear(c)
        for k in T.serial(4):
            T.copy(A[0, k * 64], a[k % 2, :, :])
            T.copy(B[k * 64, 0], w[k % 2, :, :])
            T.wgmma_gemm(a[k % 2, :, :], w[k % 2, :, :], c, clear_accum=(k == 1))
            if k > 0:
                T.wait_wgmma(1)
        T.wait_wgmma(0)
        T.copy(c, C)
