# kiln: -D N=50
# run: -D N=50
"""What tiles do not have, a running sum and places that depend on data, is scalar code on one processor."""
import tilelang.language as T


def compact(N):
    @T.prim_func
    def main(X: T.Tensor((4, N), "float32"), Y: T.Tensor((4, N), "bfloat16"), count: T.Tensor((4,), "int32")):
        with T.Kernel(4, threads=128) as b:
            x = T.alloc_shared((N,), "float32")
            y = T.alloc_shared((N,), "bfloat16")
            hit = T.alloc_fragment((N,), "int32")
            place = T.alloc_fragment((N,), "int32")
            T.copy(X[b, :], x)
            T.fill(y, 0.0)
            for i in T.Parallel(N):
                hit[i] = T.if_then_else(x[i] > 0.0, 1, 0)
            T.cumsum(hit, place, dim=0)
            for i in T.Parallel(N):
                if hit[i] == 1:
                    y[place[i] - 1] = x[i]
            T.copy(y, Y[b, :])
            count[b] = place[N - 1]

    return main
