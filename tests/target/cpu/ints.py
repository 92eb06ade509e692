# integers wrap to their width; division and remainder round down
# kiln: -D dtype=int32
# case: dtype=int32
# cases: dtype=int8,int16,int64,uint8,uint16,uint32,uint64
import tilelang
import tilelang.language as T

N = 200


@tilelang.jit
def ints(dtype):
    @T.prim_func
    def main(A: T.Tensor((N,), dtype), B: T.Tensor((N,), dtype), C: T.Tensor((8, N), dtype)):
        with T.Kernel(1) as k:
            for i in T.Parallel(N):
                a = A[i] * T.cast(37, dtype)
                b = B[i] * T.cast(101, dtype)
                C[0, i] = a * b + a
                C[1, i] = a - b
                C[2, i] = a // T.cast(7, dtype)
                C[3, i] = a % T.cast(7, dtype)
                C[4, i] = T.max(a, b) ^ T.min(a, b)
                C[5, i] = (a << T.cast(3, dtype)) | (b >> T.cast(2, dtype))
                C[6, i] = ~(a & b)
                C[7, i] = a // (b | T.cast(1, dtype)) + a % (b | T.cast(1, dtype))

    return main
