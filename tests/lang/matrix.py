# the matrix instructions of a warp, from the emitter of the library
import tilelang.language as T
from tilelang.cuda.intrinsics import TensorCoreIntrinEmitter

emitter = TensorCoreIntrinEmitter("float16", "float16", "float32", b_transposed=True, block_row_warps=1, block_col_warps=1, warp_row_tiles=16,
                                  warp_col_tiles=8, chunk=16)


@T.prim_func
def matrix(A: T.Tensor((16, 16), "float16"), B: T.Tensor((8, 16), "float16"), C: T.Tensor((16, 8), "float32")):
    with T.Kernel(1, threads=emitter.threads):
        a = T.alloc_shared((16, 16), "float16")
        b = T.alloc_shared((8, 16), "float16")
        al = T.alloc_local((emitter.warp_rows * emitter.local_size_a,), "float16")
        bl = T.alloc_local((emitter.warp_cols * emitter.local_size_b,), "float16")
        cl = T.alloc_local((emitter.local_size_out,), "float32")
        T.copy(A, a)
        T.copy(B, b)
        T.clear(cl)
        emitter.ldmatrix_a(al, a, 0)
        emitter.ldmatrix_b(bl, b, 0)
        emitter.mma(al, bl, cl)
        emitter.stmatrix(cl, C)
