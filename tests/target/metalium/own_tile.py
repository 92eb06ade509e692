# kiln: -D M=50 -D N=64
# run: -D M=50 -D N=64 --input I=range(-3,53)
"""The reader looks at what it fetched: that tile is an array of its own, by rows, not a slot."""
import tilelang.language as T


def own_tile(M, N):
    @T.prim_func
    def main(I: T.Tensor((32, 32), "int32"), X: T.Tensor((M, N), "float32"), Y: T.Tensor((32, N), "float32")):
        with T.Kernel(1, threads=128) as b:
            index = T.alloc_shared((32, 32), "int32")
            x = T.alloc_shared((32, N), "float32")
            y = T.alloc_fragment((32, N), "float32")
            T.copy(I, index)
            T.clear(y)
            for k in T.serial(3):
                for i, j in T.Parallel(32, N):
                    x[i, j] = X[index[k, i], j]
                for i, j in T.Parallel(32, N):
                    y[i, j] = y[i, j] + x[i, j] * 2.0
            T.copy(y, Y)

    return main
