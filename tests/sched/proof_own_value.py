# stage: sched   target: cuda
# what only compute knows decides whether it takes a slot
import tilelang.language as T


@T.prim_func
def f(
    A: T.Tensor((8, 32, 32), "float32"),
    keep: T.Tensor((3, 8), "int32"),
    C: T.Tensor((3, 32, 32), "float32"),
):
    with T.Kernel(3, threads=128) as bx:
        tile_p = T.pipe((32, 32), "float32", depth=2)
        with T.reader():
            for k in T.serial(4):
                tile = T.acquire(tile_p)
                T.copy(A[k:k + 1, 0:32, 0:32], tile)
                T.commit(tile_p)
        with T.compute():
            sum = T.alloc_fragment((32, 32), "int32")
            T.fill(sum, 0)
            for k in T.serial(4):
                if sum[0, k] > 3:
                    tile = T.wait(tile_p)
                    T.release(tile_p)
