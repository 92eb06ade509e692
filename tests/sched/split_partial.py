# run:
"""Two halves make one generation; a single row alone does not, for the rest is older."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((6, 32, 32), "float32"), C: T.Tensor((6, 32, 32), "float32")):
    with T.Kernel(1, threads=128) as bx:
        both = T.alloc_shared((32, 32), "float32")
        some = T.alloc_shared((32, 32), "float32")
        T.fill(some, 1.0)
        for k in T.Pipelined(6, num_stages=2):
            T.copy(A[k, 0:16, :], both[0:16, :])
            T.copy(A[k, 16:32, :], both[16:32, :])
            T.copy(A[k, 3:4, :], some[k : k + 1, :])
            for i, j in T.Parallel(32, 32):
                C[k, i, j] = both[i, j] + some[i, j]
