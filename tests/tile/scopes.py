# stage: sched   target: cuda
import tilelang.language as T


@T.prim_func
def scopes(A: T.Tensor((128, 64), "float16"), n: T.Tensor((1,), "int32"), C: T.Tensor((128, 64), "float16")):
    with T.Kernel(1, threads=128) as bx:
        a = T.pipe((128, 64), "float16", depth=2)
        with T.reader():
            at = n[0]
            mine = T.acquire(a)
            T.copy(A[at : at + 128, 0:64], mine)
            T.commit(a)
        with T.writer():
            s = T.wait(a)
            T.copy(mine, C[0:128, 0:64])
            T.release(a)
