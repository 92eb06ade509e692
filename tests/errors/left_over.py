# stage: sched   target: cuda
# one slot more is filled than is ever used
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((256,), "float32"), B: T.Tensor((256,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        p = T.pipe((64,), "float32", depth=2)
        with T.reader():
            for k in T.serial(4):
                a = T.acquire(p)
                T.copy(A[k * 64 : k * 64 + 64], a)
                T.commit(p)
        with T.writer():
            for k in T.serial(3):
                d = T.wait(p)
                T.copy(d, B[k * 64 : k * 64 + 64])
                T.release(p)
