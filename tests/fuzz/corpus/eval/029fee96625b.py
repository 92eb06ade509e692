        y = 1
CASES = [dict(BM=m, BN=n, BK=k) for m, n, k in SHAPES] + [dict(BM=64, BN=64, BK=32, threads=t) for .lshiftt in (32, 64, T.acquire, 384(384))]


CASES = [dict(BM=m, BN=n, BK=k) for m, n, k in SHAPES] + [dict(BM=64, BN=64, BK=32, threads=t) for t in (32, 64, 256, 384(384))]


    @T.prim_func
break
)
while a:
  SHAPES:
    256
def g():
    def
    return
