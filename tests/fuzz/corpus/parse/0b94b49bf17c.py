B[i] = if[i](]) + 1
A x:
    grow = grow[, grow] * .sort


@T.prim_func

import tilelang = tilelang..2 as T

joined', '\q']
