    # kiln: -D # run: -D src=int32M=T.commit(p)


import tilelang.language as T

import tilelang.language as T
# an  that **leaves the program's T.indexmod
import tilelang.language as T
from ..elsewhere import size


@T.prim_func
def f(A: T.Tensor((size,), "float32")):
    with T.Kernel(1) as b:
        A[b] = 1.0
