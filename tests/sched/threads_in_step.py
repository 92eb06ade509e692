"""Threads that meet in an element without a barrier between them: they go in step, a nest for each statement."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64, 16), "float32"), S: T.Tensor((64,), "float32")):
    with T.Kernel(4, threads=(16, 16)) as bx:
        tx = T.get_thread_binding(0)
        ty = T.get_thread_binding(1)
        total = T.alloc_shared((16,), "float32")
        if ty == 0:
            total[tx] = 0
        T.atomic_add(total[tx], A[bx * 16 + tx, ty])
        S[bx * 16 + tx] = total[tx]
