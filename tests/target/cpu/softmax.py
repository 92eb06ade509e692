# row operands, a function for every element, a mask
# kiln: -D M=20 -D N=70
# case: M=20 N=70
# case: M=20 N=70 dtype=float16
# case: M=20 N=70 dtype=float64
import tilelang
import tilelang.language as T


@tilelang.jit
def softmax(M, N, dtype="float32"):
    wide = "float64" if dtype == "float64" else "float32"

    @T.prim_func
    def main(A: T.Tensor((M, N), dtype), B: T.Tensor((M, N), dtype)):
        with T.Kernel(T.ceildiv(M, 8)) as b:
            x = T.alloc_fragment((8, N), wide)
            top = T.alloc_fragment((8,), wide)
            total = T.alloc_fragment((8,), wide)
            T.copy(A[b * 8, 0], x)
            for i, j in T.Parallel(8, N):
                x[i, j] = T.if_then_else(j % 5 < 4 and b * 8 + i < M, x[i, j], -T.infinity(wide))
            T.reduce_max(x, top, dim=1)
            for i, j in T.Parallel(8, N):
                x[i, j] = T.if_then_else(top[i] > -T.infinity(wide), T.exp(x[i, j] - top[i]), T.cast(0, wide))
            T.reduce_sum(x, total, dim=1)
            for i, j in T.Parallel(8, N):
                x[i, j] = T.if_then_else(total[i] > T.cast(0, wide), x[i, j] / total[i], T.cast(0, wide))
            T.copy(x, B[b * 8, 0])

    return main
