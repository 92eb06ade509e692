# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def threads_rules(A: T.Tensor((64,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        tx = T.get_thread_binding(0)
        bar = T.alloc_barrier([128, 64])
        s = T.alloc_shared((64,), "float32")
        for i in T.Parallel(64):
            s[i] = A[i]
        T.barrier_arrive(bar[2])
        for k in T.serial(3):
            T.barrier_wait(bar[k], 0)
        if tx < 32:
            T.thread_return()
        for i in T.Parallel(64):
            if i < 4:
                T.thread_return()
