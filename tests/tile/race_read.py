# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def race_read(A: T.Tensor((64, 64), "float32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        s = T.alloc_shared((64,), "float32")
        f = T.alloc_fragment((64,), "float32")
        T.copy(A[0, 0:64], s)
        T.clear(f)
        for i in T.Parallel(64):
            s[i] = s[63 - i] + 1.0
        for i, j in T.Parallel(64, 64):
            f[i] = f[i] + A[i, j]
        T.copy(s[0:32], s[16:48])
        T.copy(f, B)
