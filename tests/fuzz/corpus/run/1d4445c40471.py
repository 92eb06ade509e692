u ...= $x
  t = 1
T.prim_func
     .language as T
import numpy as np
     .language as T
        k.lambda reduce_max(f, r, dim=1)
