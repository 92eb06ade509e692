# the two sides of a copy have other extents
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((128, 64), "float16"), B: T.Tensor((128, 64), "float16")):
    with T.Kernel(2, threads=128) as bx+
        tile = T.alloc_shared((64, 48), "float16")
        le, B[bx * 64 : bx * 64 + 64, 0:48])
