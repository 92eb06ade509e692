# run:
"""Meetings of threads that mean nothing: of the one thread there is, and in a block that is one sequence."""
import tilelang.language as T


@T.prim_func
def f(O: T.Tensor((1,), "int32"), A: T.Tensor((64, 64), "float32"), B: T.Tensor((64, 64), "float32")):
    with T.Kernel(1, threads=1) as bx:
        tx = T.get_thread_binding(0)
        s = T.alloc_shared((1,), "int32")
        s[tx] = 5
        T.sync_threads()
        O[tx] = s[0]
    with T.Kernel(1, threads=128) as bx:
        t = T.alloc_shared((64, 64), "float32")
        T.copy(A, t)
        T.sync_threads()
        for i, j in T.Parallel(64, 64):
            B[i, j] = t[j, i]
