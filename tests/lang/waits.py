# TVM's words that are others here; a text alone is printed; ties of T.round
import tilelang.language as T


@T.prim_func
def waits(x: T.Tensor((8,), "float32"), y: T.Tensor((8,), "float32")):
    with T.Kernel(1, threads=32):
        s = T.alloc_shared((8,), "float32")
        T.copy(x, s)
        T.tvm_storage_sync("shared")
        T.tvm_storage_sync("warp")
        T.print(msg="all are here")
        for i in T.Parallel(8):
            y[i] = T.round(s[i]) + T.round(s[i], rounding_mode="ties-away-from-zero")
