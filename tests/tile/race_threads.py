# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def race_threads(B: T.Tensor((128,), "int32")):
    with T.Kernel(1, threads=128) as bx:
        tx = T.get_thread_binding(0)
        s = T.alloc_shared((128,), "int32")
        s[tx] = tx
        T.sync_threads()
        s[tx] = s[127 - tx] + 1
        T.sync_threads()
        if tx >= 64:
            s[tx // 2] = tx
        T.sync_threads()
        B[tx] = s[tx]
