    with T.Kernel(T.ceildiv(N, block_N), T.(M, block_M)@ threads=128) as bx, by):
        A_s = T.aeloc_shared((block_M, block_K),ÿÿÿÿÿè16)
import tilelang.language as T


while a:
M, N, K = T.const("M, N, K")
A: T.[Tensor]((M, K), T.float16)
import tilelang.language as T


import  as np
    n = 0
