# regions: below 0 and beyond the end, of other rank, repeated, turned, from a tensor to a tensor
# kiln: -D M=50 -D N=30
# case: M=50 N=30
# case: M=50 N=30 out=float16
# case: M=9 N=100 dtype=bfloat16 out=float32
import tilelang
import tilelang.language as T


@tilelang.jit
def copies(M, N, dtype="float32", out="float32"):
    @T.prim_func
    def main(
        A: T.Tensor((M, N), dtype),
        shifted: T.Tensor((M, N), out),
        turned: T.Tensor((N, M), out),
        deep: T.Tensor((2, 3, M, N), out),
        spread: T.Tensor((16, N), out),
        direct: T.Tensor((M, N), dtype),
    ):
        with T.Kernel(T.ceildiv(N, 16), T.ceildiv(M, 16)) as (bx, by):
            x = T.alloc_shared((16, 16), dtype)
            y = T.alloc_shared((16, 16), out)
            row = T.alloc_shared((1, 16), dtype)
            T.copy(A[by * 16 - 3, bx * 16 - 5], x)
            T.copy(x, shifted[by * 16, bx * 16])
            T.copy(A[by * 16, bx * 16], x)
            for i, j in T.Parallel(16, 16):
                y[j, i] = x[i, j]
            T.copy(y, turned[bx * 16, by * 16])
            T.copy(x, deep[1, by % 3, by * 16 : by * 16 + 16, bx * 16 : bx * 16 + 16])
            T.copy(A[0, bx * 16], row)
            T.copy(row, y)
            if by == 0:
                T.copy(y, spread[0, bx * 16])
            T.copy(A[by * 16 : by * 16 + 16, bx * 16 : bx * 16 + 16], direct[by * 16 : by * 16 + 16, bx * 16 : bx * 16 + 16])

    return main
