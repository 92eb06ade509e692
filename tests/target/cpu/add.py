# one tile in, one tile out, edges cut to what exists
# kiln: -D M=100 -D N=70
# case: M=100 N=70
# case: M=1 N=1
# case: M=64 N=128 dtype=float16
# case: M=33 N=65 dtype=bfloat16
# case: M=33 N=65 dtype=float8_e4m3fn
# case: M=33 N=65 dtype=float8_e5m2
# case: M=33 N=65 dtype=float64
# case: M=33 N=65 dtype=int8
# case: M=33 N=65 dtype=uint16
# case: M=33 N=65 dtype=int64
import tilelang
import tilelang.language as T


@tilelang.jit
def add(M, N, dtype="float32"):
    @T.prim_func
    def main(A: T.Tensor((M, N), dtype), B: T.Tensor((M, N), dtype), C: T.Tensor((M, N), dtype)):
        with T.Kernel(T.ceildiv(N, 64), T.ceildiv(M, 32)) as (bx, by):
            for i, j in T.Parallel(32, 64):
                C[by * 32 + i, bx * 64 + j] = A[by * 32 + i, bx * 64 + j] + B[by * 32 + i, bx * 64 + j]

    return main
