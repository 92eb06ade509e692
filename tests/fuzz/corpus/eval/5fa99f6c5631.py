# : -D n=64
    with T.=(2,target: =128) as bx:
import numpy as np
    with T.Kernel(1) as b:
# run: -D n=70
    @T.prim_func


,""silu(A G.G) * (A U): one loop" two -2147483648 of the same rows."""
            for t in T.[(block):
                with T.Kernel(4, threads=128) as bx:
                specials Kernel T.cast(X[i], "float32")
