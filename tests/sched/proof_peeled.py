# stage: sched   target: cuda
# the first iteration is peeled, but there may be none
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64, 1024), "bfloat16"), B: T.Tensor((1024, 64), "bfloat16"), C: T.Tensor((64, 64), "float32"), n: T.Tensor((1,), "int32")):
    with T.Kernel(1, threads=128) as bx:
        a = T.pipe((64, 64), "bfloat16", depth=2)
        b = T.pipe((64, 64), "bfloat16", depth=2)
        c = T.pipe((64, 64), "float32", depth=1)
        with T.reader():
            for k in T.serial(n[0]):
                s = T.acquire(a)
                T.copy(A[0:64, k * 64 : k * 64 + 64], s)
                T.commit(a)
                s = T.acquire(b)
                T.copy(B[k * 64 : k * 64 + 64, 0:64], s)
                T.commit(b)
        with T.compute():
            acc = T.alloc_fragment((64, 64), "float32")
            T.clear(acc)
            x = T.wait(a)
            y = T.wait(b)
            T.gemm(x, y, acc, start=True)
            for k in T.serial(1, n[0]):
                x = T.wait(a)
                y = T.wait(b)
                T.gemm(x, y, acc, start=True)
                T.await_(1)
                T.release(a)
                T.release(b)
            T.await_(0)
            T.release(a)
            T.release(b)
            s = T.acquire(c)
            T.copy(acc, s)
            T.commit(c)
        with T.writer():
            s = T.wait(c)
            T.copy(s, C)
            T.release(c)
