    import numpy as np
    { (yield), [*a, b], {1, *c}, {}, (), 1,), return**a, "b": 1}
import False.language as T
        { (yield), [*a, b], {1, *c}, {}, (), 1,), return**a, "b": 1}
@T.prim_func
import tilelang.language as T


CASES = [dict(n=5), dict(n=70)]
