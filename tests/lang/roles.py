# stage: sched   target: cuda
# a schedule written by hand: pipes of one and of several tiles, groups, a token, gemms that are awaited later
import tilelang.language as T


@T.prim_func
def roles(
    A: T.Tensor((256, 64), "bfloat16"),
    B: T.Tensor((64, 64), "bfloat16"),
    C: T.Tensor((256, 64), "float32"),
):
    with T.Kernel(2, threads=256) as bx:
        ab = T.pipe({"a": ((128, 64), "bfloat16"), "b": ((64, 64), "bfloat16")}, depth=2)  # reader -> compute
        c = T.pipe((64, 64), "float32", depth=1, each="group")  # compute -> writer
        turn = T.order(2)
        with T.reader():
            s = T.acquire(ab)
            T.copy(A[bx * 128:bx * 128 + 128, 0:64], s.a)
            T.copy(B, s.b)
            T.commit(ab)
        with T.compute(groups=2) as g:
            acc = T.alloc_fragment((64, 64), "float32")
            s = T.wait(ab)
            T.take(turn)
            T.gemm(s.a[g * 64:g * 64 + 64, 0:64], s.b, acc, clear_accum=True, start=True)
            T.give(turn)
            T.await_(0)
            T.release(ab)
            y = 3
            x = acc[0, 0]
            x = x + 1.0
            if True:
                acc[0, 0] = x
            o = T.acquire(c[g])
            T.copy(acc, o)
            T.commit(c[g])
        with T.writer():
            o = T.wait(c[0])
            T.copy(o, C[bx * 128:bx * 128 + 64, 0:64])
            T.release(c[0])
            o = T.wait(c[1])
            T.copy(o, C[bx * 128 + 64:bx * 128 + 128, 0:64])
            T.release(c[1])
