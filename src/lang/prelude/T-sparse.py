"""A gemm whose first operand has some elements of each group."""
import kiln
import tilelang.language as T
from tilelang.cuda.intrinsics.sparse_layout import GROUP_CONFIG


@T.macro
def gemm_sp(A_sparse, E, B, C, transpose_A=False, transpose_E=False, transpose_B=False, policy=None, clear_accum=False, k_pack=1,
            annotations=None):
    """C += A B where two of four elements of A are there

    Four bits of E tell which elements of a group A has: the full A is made, then it is an ordinary gemm."""
    A = A_sparse
    kept, group = GROUP_CONFIG[A.dtype]
    sizes, words = kiln.extents(A), T.dtype(E.dtype).bits // 4
    rows, packed = (sizes[1], sizes[0]) if transpose_A else sizes
    full = packed * group // kept
    want = (full // group // words, rows) if transpose_E else (rows, full // group // words)
    assert kiln.extents(E) == want, f"the positions of {rows} x {full} elements are {want} words, not {kiln.extents(E)}"
    dense = T.alloc_shared((rows, full), A.dtype)
    for i, k in T.Parallel(rows, full):
        g = k // group
        four = T.cast(E[g // words, i] if transpose_E else E[i, g // words], "int32") >> (g % words * 4)
        value = T.cast(0, A.dtype)
        for s in [1, 0][-kept:]:
            at = four >> 2 * s & 3 if kept == 2 else four >> 1 & 1
            j = g * kept + s
            value = T.if_then_else(at == k % group, A[j, i] if transpose_A else A[i, j], value)
        dense[i, k] = value
    T.gemm(dense, B, C, transpose_B=transpose_B, clear_accum=clear_accum)
