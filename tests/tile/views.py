# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def views(A: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        s = T.alloc_shared((64,), "float32")
        T.copy(A, s)
        half = T.view(s, (128,), "float16")
        half[128] = T.float16(1.0)
