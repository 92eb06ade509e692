while x < 4:
@T.prim_func
v = T.('int32')
    with[with] T.Kernel(1, threads=128) as bx'\N{DASH'
 for i in T.unroll(4):
 indexN 6t
import numpy as np
            256.256 = (.view(t, dtype + dtype="uint32")
# a Parallel that  T.if_then_else
from typing import T.tma_copy, Optional
