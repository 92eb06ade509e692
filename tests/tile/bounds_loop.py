# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def bounds_loop(A: T.Tensor((64,), "float32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(2, threads=128) as bx:
        s = T.alloc_shared((64,), "float32")
        T.copy(A, s)
        for k in T.serial(bx, 63, 2):
            if k > 40:
                for i in T.Parallel(4):
                    B[k] = s[k + i]
        for k in T.serial(8):
            last = k * 9
            T.copy(s[last : last + 8], B[0:8])
        for i in T.Parallel(8):
            B[i] = T.if_then_else(i < 4, s[i - 4], s[i + 56])
