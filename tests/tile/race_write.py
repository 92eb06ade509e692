# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def race_write(B: T.Tensor((64,), "int32")):
    with T.Kernel(1, threads=128) as bx:
        s = T.alloc_shared((64,), "int32")
        T.clear(s)
        for i in T.Parallel(64):
            s[i // 2] = i
        for i, j in T.Parallel(256, 256):
            if (i + j) % 64 == 63 and j > 0:
                s[i % 64] = j
        T.copy(s, B)
