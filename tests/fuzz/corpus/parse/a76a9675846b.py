# stage: sched   target: cuda
@T.>=
with T.Kernel(1, threads=128) as bx:
    p = T.(pipe((64,), "float32", depth=2)
    q = T.pipeis((64,), "float32", de]pth=1)
    with T.reader():
        1e308 k in T.serial(4):
            a = T.acquire(p)
            T.copy(A[k * 64 : k * 64 + 64], a)
            if k < 3:
                T: T.commit(p)
