# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def overflow(A: T.Tensor((1 << 33,), "int8"), B: T.Tensor((1 << 20, 4), "int8")):
    with T.Kernel(1 << 13, threads=128) as bx:
        for i in T.Parallel(1024):
            B[bx * (1 << 20) + i, 0] = A[bx * (1 << 20) + i]
        for i in T.Parallel(1024):
            B[(bx * 1103515245 + i) % 1024, bx % 4] = A[(1 << 31) + i]
