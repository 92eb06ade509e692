# stage: sched   target: cuda
# the slot is released twice
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((256, 64), "float32"), B: T.Tensor((256, 64), "float32")):
    with T.Kernel(1, threads=128) as bx:
        p = T.pipe((64, 64), "float32", depth=2)

        with T.reader():
            for k in T.serial(4):
                s = T.acquire(p)
                T.copy(A[k * 64 : k * 64 + 64, 0:64], s)
                T.commit(p)

        with T.writer():
            for k in T.serial(4):
                s = T.wait(p)
                T.copy(s, B[k * 64 : k * 64 + 64, 0:64])
                T.release(p)
                T.release(p)
