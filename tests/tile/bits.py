# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def bits(A: T.Tensor((64, 64), "float32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        f = T.alloc_fragment((64, 64), "float32")
        r = T.alloc_fragment((64,), "float32")
        T.copy(A, f)
        T.reduce_bitand(f, r, dim=1)
        T.copy(r, B)
