# stage: sched   target: cuda
# Group 0 stays inside of its slot, group 1 does not.
import tilelang.language as T


@T.prim_func
def bounds_group(A: T.Tensor((128, 64), "float16"), C: T.Tensor((128, 64), "float32")):
    with T.Kernel(1, threads=128) as bx:
        a = T.pipe((128, 64), "float16", depth=2)
        c = T.pipe((64, 64), "float32", depth=1, each="group")
        with T.reader():
            s = T.acquire(a)
            T.copy(A[0:128, 0:64], s)
            T.commit(a)
        with T.compute(groups=2) as g:
            acc = T.alloc_fragment((64, 64), "float32")
            s = T.wait(a)
            T.copy(s[g * 72 : g * 72 + 64, 0:64], acc)
            T.release(a)
            o = T.acquire(c[g])
            T.copy(acc, o)
            T.commit(c[g])
        with T.writer():
            for k in T.serial(2):
                o = T.wait(c[k])
                T.copy(o, C[k * 64 : k * 64 + 64, 0:64])
                T.release(c[k])
