# stage: sched   target: cuda
# a trip count that only the reader can load is sent to compute through a pipe
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((256, 64), "float32"), B: T.Tensor((256, 64), "float32"), n: T.Tensor((1,), "int32")):
    with T.Kernel(1, threads=128) as bx:
        p = T.pipe((64, 64), "float32", depth=2)
        q = T.pipe((64, 64), "float32", depth=1)
        c = T.pipe((1,), "int32", depth=1)
        with T.reader():
            many = n[0] + 1
            h = T.acquire(c)
            h[0] = many
            T.commit(c)
            for k in T.serial(many):
                s = T.acquire(p)
                T.copy(A[k * 64 : k * 64 + 64, 0:64], s)
                T.commit(p)
        with T.compute():
            h = T.wait(c)
            count = h[0]
            T.release(c)
            sum = T.alloc_fragment((64, 64), "float32")
            T.clear(sum)
            for k in T.serial(count):
                s = T.wait(p)
                for i, j in T.Parallel(64, 64):
                    sum[i, j] = sum[i, j] + s[i, j]
                T.release(p)
            d = T.acquire(q)
            T.copy(sum, d)
            T.commit(q)
        with T.writer():
            d = T.wait(q)
            T.copy(d, B[0:64, 0:64])
            T.release(q)
