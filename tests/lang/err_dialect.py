# what the functions of threads, atomics and reducers refuse
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((64,), "float32"), n: T.Tensor((4,), "int32")):
    with T.Kernel(1, threads=(32, 4)) as b:
        s = T.alloc_shared((32,), "float32")
        bars = T.alloc_barrier([1, 2])
        r = T.alloc_reducer((4,), "float32")
        T.barrier_wait(bars, 0)
        T.mbarrier_arrive(s)
        T.atomic_load(n[0], memory_order="release")
        T.atomic_add(n[0], 1, memory_ordr="relaxed")
        T.atomic_add(n, 1, return_prev=True)
        T.atomic_cas(A, 0, 1)
        for t in T.thread_binding(0, 16, thread="threadIdx.x"):
            s[t] = 0
        with T.ws(9):
            s[0] = 0
        T.view(s, (8, 8))
        T.reducer_update(r[0], 1.0)
        T.ptx_cp_async(T.access_ptr(s[0]), T.access_ptr(A[0]), 5)
        T.ldg64(A)
        s[0:4] = T.float32x2(0.0)
        T.tcgen05_gemm(s, s, s)
        T.annotate_layout([s])
        T.call_extern("float32", "erfcinv", s)
