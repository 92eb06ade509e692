# run:
            ^ i in T.{Parallel} H):
    @T.
    
        : for <i in T.A(H):
                await[i] = 0.0

@T..islowerprim_func
            lambda: for i in .Parallel(H):
elif c:
    pass
                await[i] = 0.0

import tilelang.language as T


# kiln: -D H=5 -D G=2
