# kiln: -D n=100
# the extents of copies: whole buffers, slices, starts alone, negative ends, rank that differs
import tilelang.language as T


@T.macro
def head(x, rows):
    T.fill(x[:rows, 0:4], 0)


def regions(n):
    m = T.dynamic("m")

    @T.prim_func
    def main(A: T.Tensor((4, n, 64), "float16"), R: T.Tensor((m, 64), "float16"), v: T.Tensor((n,), "float32")):
        with T.Kernel(4, T.ceildiv(m, 32), threads=128) as (b, i):
            s = T.alloc_shared((32, 64), "float16")
            f = T.alloc_fragment((32, 64), "float32")
            r = T.alloc_fragment(32, "float32")
            T.copy(A[b, i * 32, 0], s)
            T.copy(A[b, i * 32 : (i + 1) * 32, :], s)
            T.copy(s, f)
            T.copy(f[0:16, :], R[i * 32 : i * 32 + 16, 0:64])
            T.copy(s[8:, 32:], R[i * 32 + 8, 32])
            T.copy(s[..., :-32], R[i * 32 : 32 + i * 32, 32:])
            T.copy(v[i * 32], r)
            T.copy(A[b, 3, 5], v[7])
            T.copy(A[-1, n - 1, -2], v[n - 1])
            T.copy(s[:, :][0:4, 8], r[4:8])
            T.reduce_sum(f, r, dim=-1, clear=False)
            T.reduce_max(f[:, 0:32], r, dim=1)
            T.gemm(s[0:16, 0:16], s[16:32, 0:16], f[0:16, 0:16], transpose_B=True, clear_accum=b == 0)
            T.cumsum(r)
            head(s, 8)
            head(x=f, rows=2)

    return main
