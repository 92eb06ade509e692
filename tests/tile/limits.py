# stage: sched   target: cuda
# kiln: --target=cuda
# More slots than a ring may have, and more bytes than a block has.
import tilelang.language as T


@T.prim_func
def limits(A: T.Tensor((128, 64), "float16"), C: T.Tensor((128, 64), "float16")):
    with T.Kernel(1, threads=128) as bx:
        a = T.pipe((128, 64), "float16", depth=99)
        with T.reader():
            s = T.acquire(a)
            T.copy(A[0:128, 0:64], s)
            T.commit(a)
        with T.writer():
            s = T.wait(a)
            T.copy(s, C[0:128, 0:64])
            T.release(a)
