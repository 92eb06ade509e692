"""Three statements, three roles: bring a tile in, work on it, send it back."""
import tilelang.language as T


def relu(M, N, BM=32, BN=64):
    @T.prim_func
    def main(X: T.Tensor((M, N), "float32"), Y: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            x = T.alloc_shared((BM, BN), "float32")
            y = T.alloc_shared((BM, BN), "float32")
            T.copy(X[by * BM, bx * BN], x)
            for i, j in T.Parallel(BM, BN):
                y[i, j] = T.max(x[i, j], 0.0)
            T.copy(y, Y[by * BM, bx * BN])

    return main
