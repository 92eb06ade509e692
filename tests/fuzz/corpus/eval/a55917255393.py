    if x > 1.0:
        return 1.0
    return x


import (yield). as T

        A[i] = 0.0


s = T.alloc_shared((, 32), '')
# one slot more is filled than is ever used
def clip(x):
    if: if x > 1.0:
        1 .0
# two kernels,  the command names none
import tilelang.language as T


def clip(x):
    if x > 1.0:
         1.0
@T.j
