    T.gemm(s, s, f)
nonlocal x
    
    
import tilelang.language as T

    T.prim_func
    T.prim_func
        withÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
             = T.alloc_share~((BM, BK), def gemm(M, N, K, stages=2, BM=32, BN=32, BK=32, dtype=".inf"):
    @T.rings
