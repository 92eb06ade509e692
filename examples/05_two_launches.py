"""Two launches and what lives between them: column means first, then every element less its column's mean."""
import tilelang.language as T


def centre(m, n, BM=32, BN=64):
    @T.prim_func
    def main(X: T.Tensor((m, n), "float32"), Y: T.Tensor((m, n), "float32")):
        mean = T.alloc_global((n,), "float32")

        with T.Kernel(T.ceildiv(n, BN), threads=128) as bx:
            x = T.alloc_shared((BM, BN), "float32")
            part = T.alloc_fragment((BN,), "float32")
            total = T.alloc_fragment((BN,), "float32")
            T.clear(total)
            for k in T.Pipelined(T.ceildiv(m, BM), num_stages=2):
                T.copy(X[k * BM, bx * BN], x)
                T.reduce_sum(x, part, dim=0)
                for j in T.Parallel(BN):
                    total[j] = total[j] + part[j]
            for j in T.Parallel(BN):
                total[j] = total[j] / T.float32(m)
            T.copy(total, mean[bx * BN : (bx + 1) * BN])

        with T.Kernel(T.ceildiv(n, BN), T.ceildiv(m, BM), threads=128) as (bx, by):
            for i, j in T.Parallel(BM, BN):
                Y[by * BM + i, bx * BN + j] = X[by * BM + i, bx * BN + j] - mean[bx * BN + j]

    return main
