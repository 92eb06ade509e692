# kiln: -Rbounds-unknown --target=cpu
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def bounds_unknown(A: T.Tensor((n,), "float32"), idx: T.Tensor((64,), "int32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        s = T.alloc_shared((64,), "float32")
        T.clear(s)
        for i in T.Parallel(64):
            B[i] = s[idx[i]]
        for k in T.serial(n):
            s[k] = 1.0
        for k in T.serial(n):
            B[k] = A[k + 7]
