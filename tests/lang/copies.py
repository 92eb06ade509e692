# copies: extents that differ, that are known only when it runs, values outside of a tensor, hints
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def copies(A: T.Tensor((n, 24), "float32"), at: T.Tensor((8,), "int32"), B: T.Tensor((n, 24), "float32")):
    with T.Kernel(4, threads=64) as b:
        s = T.alloc_shared((16, 32), "float32")
        T.annotate_layout({s: T.Layout((16, 32), lambda i, j: (i, j))})
        T.use_swizzle(10, enable=True)
        T.copy(A[b * 10 : b * 10 + 10, :], s)
        T.copy(A[at[0] : at[1], :], s)
        T.copy(A[at[0] : at[0] + at[1], 0:24], s[: at[1], 0:24], eviction_policy="evict_first")
        T.copy(s[: at[2], :24], B[b * 16 : b * 16 + at[2], :])
        T.copy(A[0:8, :2], B[0:8, :3])
        T.annotate_safe_value({A: -1.0})
        T.copy(A[b * 16, 0], s, coalesced_width=4)
        B[b, 0] = A[b - 1, 0]
