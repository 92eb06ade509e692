# stage: sched   target: cuda
# a slot is acquired and never committed: the consumer waits for ever
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((256,), "float32"), B: T.Tensor((256,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        p = T.pipe((64,), "float32", depth=2)
        q = T.pipe((64,), "float32", depth=1)
        with T.reader():
            for k in T.serial(4):
                a = T.acquire(p)
                T.copy(A[k * 64 : k * 64 + 64], a)
                if k < 3:
                    T.commit(p)
        with T.compute():
            for k in T.serial(4):
                b = T.wait(p)
                c = T.acquire(q)
                T.copy(b, c)
                T.commit(q)
                T.release(p)
        with T.writer():
            for k in T.serial(4):
                d = T.wait(q)
                T.copy(d, B[k * 64 : k * 64 + 64])
                T.release(q)
