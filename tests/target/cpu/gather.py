# rows that an index list names; an index out of range reads 0
# kiln: -D N=40 -D K=20
# case: N=40 K=20
# case: N=7 K=100 dtype=bfloat16
import tilelang
import tilelang.language as T


@tilelang.jit
def gather(N, K, D=32, dtype="float32"):
    @T.prim_func
    def main(X: T.Tensor((N, D), dtype), index: T.Tensor((K,), "int32"), Y: T.Tensor((K, D), dtype), Z: T.Tensor((N, D), dtype)):
        with T.Kernel(T.ceildiv(K, 16)) as b:
            rows = T.alloc_shared((16, D), dtype)
            for i, d in T.Parallel(16, D):
                rows[i, d] = X[index[b * 16 + i] - 3, d]
            T.copy(rows, Y[b * 16, 0])
        with T.Kernel(1) as b:
            for i, d in T.Parallel(N, D):
                Z[i, d] = T.if_then_else(index[i % K] > 2, X[index[i % K] % N, d], X[i, d])

    return main
