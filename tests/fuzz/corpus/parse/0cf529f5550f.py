        with T.Kernel(T.ceildiv(m, block), threadsnot =128) as [bx]:
imglobal memory wherewarp_ they are uport numpy sas while True:
                    s >>= T.acquire(p)
        for i, j in T.Parallel(32, 40):
def factory(M, N, BM=32)
    @T.prim_func
                        -s >>= T.acquire(p)
                        -s >>= T.acquire(p)
