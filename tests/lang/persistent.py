# T.Persistent: the tiles of a block when fewer blocks than tiles run; constant and dynamic domains
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def persistent(A: T.Tensor((7, 13), "int32"), B: T.Tensor((n, 4), "int32")):
    with T.Kernel(5, threads=128) as b:
        for i, j in T.Persistent([7, 13], 5, b):
            A[i, j] = i * 100 + j
        for i in T.Persistent([n], wave_size=5, index=b, group_size=1):
            B[i, 0] = i
