# kiln: -D n=3
# run: -D n=3 --input k=2
"""Values on branching ways: what is set on one way only has a block on the other way too."""
import tilelang.language as T


def branches(n):
    @T.prim_func
    def main(X: T.Tensor((n * 32, 32), "float32"), Y: T.Tensor((n * 32, 32), "float32"), k: T.int32):
        with T.Kernel(n, threads=128) as b:
            x = T.alloc_shared((32, 32), "float32")
            y = T.alloc_fragment((32, 32), "float32")
            z = T.alloc_fragment((32, 32), "float32")
            T.copy(X[b * 32, 0], x)
            if b % 2 == 0:
                for i, j in T.Parallel(32, 32):
                    y[i, j] = x[i, j] * 2.0
            else:
                T.fill(y, 1.0)
            for t in T.serial(k):
                for i, j in T.Parallel(32, 32):
                    z[i, j] = y[i, j] + 1.0
                T.copy(z, y)
            T.copy(y, Y[b * 32, 0])

    return main
