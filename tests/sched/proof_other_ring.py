# stage: sched   target: cuda
# group 0 and group 1 both wait on the ring of group 0
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((384, 64), "float32"), B: T.Tensor((384, 64), "float32")):
    with T.Kernel(1, threads=128) as bx:
        q = T.pipe((64, 64), "float32", depth=1, each="group")
        o = T.pipe((64, 64), "float32", depth=1, each="group")
        turn = T.order(2)
        with T.reader():
            for k in T.serial(3):
                for i in T.serial(2):
                    s = T.acquire(q[i])
                    T.copy(A[k * 128 + i * 64 : k * 128 + i * 64 + 64, 0:64], s)
                    T.commit(q[i])
        with T.compute(groups=2) as g:
            for k in T.serial(3):
                s = T.wait(q[0])
                T.take(turn)
                d = T.acquire(o[g])
                T.copy(s, d)
                T.commit(o[g])
                T.give(turn)
                T.release(q[0])
        with T.writer():
            for k in T.serial(3):
                for i in T.serial(2):
                    s = T.wait(o[i])
                    T.copy(s, B[k * 128 + i * 64 : k * 128 + i * 64 + 64, 0:64])
                    T.release(o[i])
