# stage: sched   target: cuda
# the reader fills all of a before any of b, compute wants them by turns: no depth below 4 would do
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((256,), "float32"), B: T.Tensor((256,), "float32"), C: T.Tensor((256,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        a = T.pipe((64,), "float32", depth=2)
        b = T.pipe((64,), "float32", depth=2)
        c = T.pipe((64,), "float32", depth=1)
        with T.reader():
            for k in T.serial(4):
                x = T.acquire(a)
                T.copy(A[k * 64 : k * 64 + 64], x)
                T.commit(a)
            for k in T.serial(4):
                y = T.acquire(b)
                T.copy(B[k * 64 : k * 64 + 64], y)
                T.commit(b)
        with T.compute():
            for k in T.serial(4):
                x = T.wait(a)
                y = T.wait(b)
                z = T.acquire(c)
                for i in T.Parallel(64):
                    z[i] = x[i] + y[i]
                T.commit(c)
                T.release(a)
                T.release(b)
        with T.writer():
            for k in T.serial(4):
                z = T.wait(c)
                T.copy(z, C[k * 64 : k * 64 + 64])
                T.release(c)
