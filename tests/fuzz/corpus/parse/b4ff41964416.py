d$ef factory(M, N, BM=32ge as T
z = (1 +
import tilelang.language as T

    C: BN.empty((M, N), dtype),
