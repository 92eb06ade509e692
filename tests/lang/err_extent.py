# the extent of a region is known only when it runs
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32"), n: T.int32):
    with T.Kernel(1) as b:
        s = T.alloc_shared((64,), "float32")
        T.copy(A[b * 64 : b * 64 + n], s)
