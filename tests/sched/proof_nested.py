# stage: sched   target: cuda
# a ring that is filled in an inner loop whose length depends on the outer one
import tilelang.language as T

many = T.dynamic("many")


@T.prim_func
def f(A: T.Tensor((256, 64), "float32"), B: T.Tensor((256, 64), "float32"), length: T.Tensor((many,), "int32")):
    with T.Kernel(1, threads=128) as bx:
        p = T.pipe((64, 64), "float32", depth=3)
        q = T.pipe((64, 64), "float32", depth=2)
        with T.reader():
            for t in T.serial(many):
                for k in T.serial(length[t]):
                    s = T.acquire(p)
                    T.copy(A[k * 64 : k * 64 + 64, 0:64], s)
                    T.commit(p)
        with T.compute():
            sum = T.alloc_fragment((64, 64), "float32")
            for t in T.serial(many):
                T.clear(sum)
                for k in T.serial(length[t]):
                    s = T.wait(p)
                    for i, j in T.Parallel(64, 64):
                        sum[i, j] = sum[i, j] + s[i, j]
                    T.release(p)
                d = T.acquire(q)
                T.copy(sum, d)
                T.commit(q)
        with T.writer():
            for t in T.serial(many):
                d = T.wait(q)
                T.copy(d, B[t * 64 : t * 64 + 64, 0:64])
                T.release(q)
