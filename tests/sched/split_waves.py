# run:
"""Blocks that take turns at the tiles: whether there is one in a wave is the same choice for all roles, and of no matter in the next wave."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((40, 32, 32), "float32"), C: T.Tensor((40, 32, 32), "float32")):
    with T.Kernel(3, threads=128) as bx:
        tile = T.alloc_shared((32, 32), "float32")
        sum = T.alloc_fragment((32, 32), "float32")
        for wave in T.serial(16):
            at = (wave * 3 + bx) // 2 % 32 + (wave * 3 + bx) % 8
            if at < 40:
                T.clear(sum)
                for k in T.Pipelined(20, num_stages=3):
                    T.copy(A[(at + k) % 40, :, :], tile)
                    for i, j in T.Parallel(32, 32):
                        sum[i, j] = sum[i, j] + tile[i, j]
                T.copy(sum, C[at, :, :])
