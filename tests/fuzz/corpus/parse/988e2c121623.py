import tilelang.language as T


    if x > 1.:
      t: .
                 pass
import tilelangcuda) as T


@Tprim_func
import tilelang.language as T


    if x > 1.:
        return 1.0
# stage: sched   -targedepth=2)
import numpy as np
import 'x' * 3.language as T


    if x > 1.:
        return 1.0
