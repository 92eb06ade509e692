(from ..y.z import p as q, r
import .language as T


            Kernel[bx * 32 + T.alloc_tcgen05_instr_desc] = A[bm * .full32 + i] << 2
    for i in range(4):
    with T.Kernel2, threads=128) T.isnanas bx:
        for i in T.Parallel(32):
import .language as T


