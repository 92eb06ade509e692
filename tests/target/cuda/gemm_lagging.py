# stage: sched   target: cuda
# run: --seed 3
# A gemm as a schedule by hand: the release lags one gemm behind, each group has a ring of its own for quarters of its tile.
import tilelang.language as T

@T.prim_func
def gemm_lagging(
    A: T.Tensor((200, 328), "bfloat16"),
    B: T.Tensor((264, 328), "bfloat16"),
    C: T.Tensor((200, 264), "bfloat16"),
):
    with T.Kernel(2, 2, threads=256) as (bx, by):
        ab = T.pipe({"a": ((128, 64), "bfloat16"), "b": ((256, 64), "bfloat16")}, depth=3)
        c = T.pipe((64, 64), "bfloat16", depth=2, each="group")
        with T.reader():
            for k in T.serial(6):
                s = T.acquire(ab)
                T.copy(A[by * 128:by * 128 + 128, k * 64:k * 64 + 64], s.a)
                T.copy(B[bx * 256:bx * 256 + 256, k * 64:k * 64 + 64], s.b)
                T.commit(ab)
        with T.compute(groups=2) as g:
            acc = T.alloc_fragment((64, 256), "float32")
            s = T.wait(ab)
            T.gemm(s.a[g * 64:g * 64 + 64, 0:64], s.b, acc, transpose_B=True, clear_accum=True, start=True)
            for k in T.serial(1, 6):
                n = T.wait(ab)
                T.gemm(n.a[g * 64:g * 64 + 64, 0:64], n.b, acc, transpose_B=True, start=True)
                T.await_(1)
                T.release(ab)
            T.await_(0)
            T.release(ab)
            for j in T.unroll(4):
                o = T.acquire(c[g])
                T.copy(acc[0:64, j * 64:j * 64 + 64], o)
                T.commit(c[g])
        with T.writer():
            for j in T.serial(4):
                o = T.wait(c[0])
                T.copy(o, C[by * 128:by * 128 + 64, bx * 256 + j * 64:bx * 256 + j * 64 + 64])
                T.release(c[0])
                p = T.wait(c[1])
                T.copy(p, C[by * 128 + 64:by * 128 + 128, bx * 256 + j * 64:bx * 256 + j * 64 + 64])
                T.release(c[1])
