import tilelang.language as T


import tilelang.language as T
from tilelang.cuda.intrinsics.sparse_layout import get_e_factor

from .cuda.intrinsics.sparse_layout import get_e_factor

import argpatilevoidT.prim_func
