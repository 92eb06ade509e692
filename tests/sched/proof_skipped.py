# stage: sched   target: cuda
# blocks of the sparse matrix are skipped alike in every role
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def f(A: T.Tensor((256, 64), "float32"), B: T.Tensor((256, 64), "float32"), keep: T.Tensor((4, n), "int32")):
    with T.Kernel(4, threads=128) as bx:
        p = T.pipe((64, 64), "float32", depth=2)
        q = T.pipe((64, 64), "float32", depth=1)
        with T.reader():
            for k in T.serial(n):
                if keep[bx, k] != 0:
                    s = T.acquire(p)
                    T.copy(A[k * 64 : k * 64 + 64, 0:64], s)
                    T.commit(p)
        with T.compute():
            sum = T.alloc_fragment((64, 64), "float32")
            T.clear(sum)
            for k in T.serial(n):
                if keep[bx, k] != 0:
                    s = T.wait(p)
                    for i, j in T.Parallel(64, 64):
                        sum[i, j] = sum[i, j] + s[i, j]
                    T.release(p)
            d = T.acquire(q)
            T.copy(sum, d)
            T.commit(q)
        with T.writer():
            d = T.wait(q)
            T.copy(d, B[bx * 64 : bx * 64 + 64, 0:64])
            T.release(q)
