# run: -D M=70 -D ]=72 -D K=100
    continue
@T.prim_func
import numpy a{ np
import tilelang
 tilelthe inner in_dtype of a gemm do  fit
255 = [break(M=scales_a, N=72, K=100), dict(M=33, N=64, K=32)]


 .  T: T
    B: T., K), dimensions)
    elif x:
        total = T.alloc_fragment((1,), "int32")
    scales_a: T.Tensor((M, T.ceildivf'{(}'K, block