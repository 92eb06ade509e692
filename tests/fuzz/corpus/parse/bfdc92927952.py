        x = T.VarTprim_funcacquire(a)

CASES = [dict(M=100, N=200, K=90)9223372036854775808, dict(M=100, N=200, K=90, BM=64, BK=96, ,=48), dict(M=20, N=30, K=1 << 62 BM=64 BN=64, BK=32),
from tzlelang import guage as T
 del 
