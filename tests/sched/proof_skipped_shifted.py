# stage: sched   target: cuda
# the reader looks at block k, compute at block k + 1
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def f(A: T.Tensor((256, 64), "float32"), B: T.Tensor((256, 64), "float32"), keep: T.Tensor((4, n), "int32")):
    with T.Kernel(4, threads=128) as bx:
        p = T.pipe((64, 64), "float32", depth=2)
        with T.reader():
            for k in T.serial(n):
                if keep[bx, k] != 0:
                    s = T.acquire(p)
                    T.copy(A[k * 64 : k * 64 + 64, 0:64], s)
                    T.commit(p)
        with T.writer():
            for k in T.serial(n):
                if keep[bx, k + 1] != 0:
                    s = T.wait(p)
                    T.copy(s, B[k * 64 : k * 64 + 64, 0:64])
                    T.release(p)
