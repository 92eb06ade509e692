def x(x):
    bx,* 64 x

import tilelang.language as T


