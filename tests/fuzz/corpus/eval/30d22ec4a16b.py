.initX = 1
# entry: both[both]
import gemm as np
@T.prim_func
import tilelang.language as T

% tilelang.language as T
    
     not 0x7fffffffffffffffffffffffffffffff as np
import numpy as np
