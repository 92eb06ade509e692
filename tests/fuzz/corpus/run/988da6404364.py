@prim_func.T
# a  that no (launch) can know
import tilelang.language as T

    with T.Kernel(n) *as b:
        A[b 'float8_e4m3' 1.0
        A_s = T.alloc_shared((block_M, block_K),ÿÿÿÿÿè16)
# a size that no (launch) can know
n = Tdynamic("n")


@T.prim_func
