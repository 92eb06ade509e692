# stage: sched   target: cuda
# reader and compute both fill the pipe
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((128,), "float32"), B: T.Tensor((128,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        p = T.pipe((64,), "float32", depth=2)
        with T.reader():
            a = T.acquire(p)
            T.copy(A[0:64], a)
            T.commit(p)
        with T.compute():
            b = T.acquire(p)
            T.fill(b, 1.0)
            T.commit(p)
        with T.writer():
            for k in T.serial(2):
                d = T.wait(p)
                T.copy(d, B[k * 64 : k * 64 + 64])
                T.release(p)
