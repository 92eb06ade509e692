# kiln: -D M=40 -D N=100
# run: -D M=40 -D N=100 --input alpha=1.5
"""A whole tile, a row and a column meet in one expression; what is scalar stays scalar."""
import tilelang.language as T


def maps(M, N):
    @T.prim_func
    def main(
        X: T.Tensor((M, N), "bfloat16"),
        scale: T.Tensor((M,), "float32"),
        shift: T.Tensor((N,), "bfloat16"),
        Y: T.Tensor((M, N), "bfloat16"),
        alpha: T.float32,
    ):
        with T.Kernel(T.ceildiv(N, 64), T.ceildiv(M, 32), threads=128) as (bx, by):
            x = T.alloc_shared((32, 64), "bfloat16")
            a = T.alloc_shared((32,), "float32")
            b = T.alloc_shared((64,), "bfloat16")
            y = T.alloc_shared((32, 64), "bfloat16")
            T.copy(X[by * 32, bx * 64], x)
            T.copy(scale[by * 32], a)
            T.copy(shift[bx * 64], b)
            for i, j in T.Parallel(32, 64):
                y[i, j] = T.max(x[i, j] * a[i] + b[j], 0.0) * alpha
            T.copy(y, Y[by * 32, bx * 64])

    return main
