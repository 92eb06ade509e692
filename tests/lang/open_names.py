# sizes are called what T.dynamic calls them, also where the text has other names for them
import tilelang.language as T

n, m = T.dynamic("T, A")


@T.prim_func
def open_names(x: T.Tensor((n, 4), "float32"), A: T.Tensor((m,), "float32"), m: T.Tensor((n, m), "float32")):
    with T.Kernel(T.ceildiv(n, 32), threads=32) as b:
        for i in T.Parallel(32):
            m[b * 32 + i, 0] = x[b * 32 + i, 0] + A[i]
