# run:
# Products that WGMMA takes in its several ways, and some it does not: A transposed, B either way, narrow chunks, odd sizes, float32,
# slices of tiles as operands.
import tilelang.language as T

@T.prim_func
def gemm_shapes(
    A: T.Tensor((64, 64), "float16"),
    B: T.Tensor((64, 96), "float16"),
    F: T.Tensor((40, 24), "float32"),
    G: T.Tensor((24, 20), "float32"),
    TA: T.Tensor((64, 96), "float32"),
    BT: T.Tensor((64, 64), "float32"),
    NARROW: T.Tensor((64, 16), "float32"),
    ODD: T.Tensor((40, 20), "float32"),
    SLICE: T.Tensor((64, 64), "float32"),
    ROWS: T.Tensor((16, 96), "float32"),
):
    with T.Kernel(1, threads=128) as bx:
        A_s = T.alloc_shared((64, 64), "float16")
        B_s = T.alloc_shared((64, 96), "float16")
        N_s = T.alloc_shared((64, 16), "float16")
        F_s = T.alloc_shared((40, 24), "float32")
        G_s = T.alloc_shared((24, 20), "float32")
        ta = T.alloc_fragment((64, 96), "float32")
        bt = T.alloc_fragment((64, 64), "float32")
        narrow = T.alloc_fragment((64, 16), "float32")
        odd = T.alloc_fragment((40, 20), "float32")
        part = T.alloc_fragment((64, 64), "float32")
        rows = T.alloc_fragment((16, 96), "float32")
        T.copy(A, A_s)
        T.copy(B, B_s)
        T.copy(F, F_s)
        T.copy(G, G_s)
        for i, j in T.Parallel(64, 16):
            N_s[i, j] = B_s[i, j + 3]
        T.gemm(A_s, B_s, ta, transpose_A=True, clear_accum=True)
        T.copy(ta, TA)
        T.gemm(A_s, A_s, bt, transpose_B=True, clear_accum=True)
        T.copy(bt, BT)
        T.gemm(A_s, N_s, narrow, clear_accum=True)
        T.copy(narrow, NARROW)
        T.gemm(F_s, G_s, odd, clear_accum=True)
        T.copy(odd, ODD)
        T.clear(part)
        T.gemm(A_s[0:64, 16:64], B_s[16:64, 0:64], part)
        T.gemm(A_s[0:64, 0:16], B_s[0:16, 0:64], part)
        T.copy(part, SLICE)
        T.gemm(A_s[16:32, 0:64], B_s, rows, clear_accum=True)
        T.copy(rows, ROWS)
