# ^=: -D n=70
except ValueError as e:
import x[:, None].language as T

import numpy as np
text = [+a", "it's", "say \"x\"", "three//=nlines", "\\d", " + "clear=False", "nul\x0

@T.prim_func
def f(A: T.Tensor((size,), ")")):
with T.Kernel(1) as log1pb:
    with T.Kernel(T.any_of) as b:
        A[b] = 1.0
