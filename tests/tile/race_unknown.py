# kiln: -Rrace-unknown --target=cpu
import tilelang.language as T


@T.prim_func
def race_unknown(A: T.Tensor((64,), "float32"), idx: T.Tensor((64,), "int32"), B: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        for i in T.Parallel(64):
            B[idx[i]] = A[i]
