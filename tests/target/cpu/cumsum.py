# running sums along either axis, from either end
# kiln: -D M=8 -D N=12
# case: M=8 N=12
# case: M=33 N=20 dtype=int32
# case: M=33 N=20 dtype=bfloat16
# case: M=33 N=20 dtype=float64
import tilelang
import tilelang.language as T


@tilelang.jit
def cumsum(M, N, dtype="float32"):
    @T.prim_func
    def main(A: T.Tensor((M, N), dtype), B: T.Tensor((4, M, N), dtype)):
        with T.Kernel(1) as b:
            x = T.alloc_shared((M, N), dtype)
            y = T.alloc_fragment((M, N), dtype)
            T.copy(A, x)
            T.cumsum(x, y, dim=0)
            T.copy(y, B[0, :, :])
            T.cumsum(x, y, dim=1)
            T.copy(y, B[1, :, :])
            T.cumsum(x, y, dim=0, reverse=True)
            T.copy(y, B[2, :, :])
            T.cumsum(x, y, dim=1, reverse=True)
            T.copy(y, B[3, :, :])

    return main
