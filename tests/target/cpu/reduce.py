# sums and extremes over either axis, onto what was there or not
# kiln: -D M=48 -D N=40
# case: M=48 N=40
# case: M=48 N=40 dtype=bfloat16
# case: M=48 N=40 dtype=float16 acc=float16
# case: M=48 N=40 dtype=float64 acc=float64
# case: M=48 N=40 dtype=float64 acc=float32
# case: M=48 N=40 dtype=int32 acc=int32
# case: M=48 N=40 dtype=int8 acc=int32
# case: M=48 N=40 dtype=int8 acc=int8
# case: M=48 N=40 dtype=uint8 acc=uint8
# case: M=48 N=40 dtype=int32 acc=float32
# case: M=17 N=1
# case: M=1 N=17
import tilelang
import tilelang.language as T


@tilelang.jit
def reduce(M, N, dtype="float32", acc="float32"):
    @T.prim_func
    def main(A: T.Tensor((M, N), dtype), rows: T.Tensor((8, M), acc), cols: T.Tensor((8, N), acc)):
        with T.Kernel(1) as b:
            x = T.alloc_shared((M, N), dtype)
            r = T.alloc_fragment((M,), acc)
            c = T.alloc_fragment((N,), acc)
            T.copy(A, x)
            T.reduce_sum(x, r, dim=1)
            T.copy(r, rows[0, :])
            T.reduce_max(x, r, dim=1)
            T.copy(r, rows[1, :])
            T.reduce_min(x, r, dim=1)
            T.copy(r, rows[2, :])
            T.reduce_absmax(x, r, dim=1)
            T.copy(r, rows[3, :])
            T.fill(r, 2)
            T.reduce_sum(x, r, dim=1, clear=False)
            T.copy(r, rows[4, :])
            T.fill(r, 1)
            T.reduce_max(x, r, dim=1, clear=False)
            T.copy(r, rows[5, :])
            T.fill(r, 1)
            T.reduce_min(x, r, dim=1, clear=False)
            T.copy(r, rows[6, :])
            T.fill(r, 1)
            T.reduce_absmax(x, r, dim=1, clear=False)
            T.copy(r, rows[7, :])
            T.reduce_sum(x, c, dim=0)
            T.copy(c, cols[0, :])
            T.reduce_max(x, c, dim=0)
            T.copy(c, cols[1, :])
            T.reduce_min(x, c, dim=0)
            T.copy(c, cols[2, :])
            T.reduce_absmax(x, c, dim=0)
            T.copy(c, cols[3, :])
            T.fill(c, 2)
            T.reduce_sum(x, c, dim=0, clear=False)
            T.copy(c, cols[4, :])
            T.fill(c, 1)
            T.reduce_max(x, c, dim=0, clear=False)
            T.copy(c, cols[5, :])
            T.fill(c, 1)
            T.reduce_min(x, c, dim=0, clear=False)
            T.copy(c, cols[6, :])
            T.fill(c, 1)
            T.reduce_absmax(x, c, dim=0, clear=False)
            T.copy(c, cols[7, :])

    return main
