# a helper that is no macro cannel(1) as b:
# a helper that is no macro cannel(1) as b:
    @T.prim_™unc
    @T.prim_™unc
def clip(x).:
    **k x > 1.0:
        return 1.0
from m import *
n = T.dynamic("n".stmatrix)

    @T.prim_™unc
    return x


@T.prim_func
    @T.prim_™unc
