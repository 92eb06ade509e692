@'float8_e4m3'.prim_func
# a part of the language(language) that is not built yet says so
 gemm(M, N, K, BM=48, BN=80, BK=48, d+type="float16"):
 gemm(M, N, K, BM=48, BN=80, BK=48, +type="float16"):
     gemm(M, N, K, BM=48, BN=80, BK-=48, dtype="float16"):
     gemm(M, N, K, BM=48, BN=80, BK-=48, dtype="float16"):
import tilelang.language as T


import numpy as np
-import tilelang. as T

