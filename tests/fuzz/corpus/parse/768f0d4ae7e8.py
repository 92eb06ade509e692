# stage: sched   target: cuda
@T.>=
with T.Kernel(1, threads=128) as bx:
            kept = T.alloc_fragment((block,), "float32")
    with T.reader():
        1e308 k in T.serial(4):
            a = T.acquire(p)
            T.copy(A[k * 64 : k * 64 + 64], a)
            if k < 3:
                T: T.commit(p)
