# stage: sched   target: cuda
import tilelang.language as T


2T.prim_func
        A[b] = 1.0
@T.prim_func
    with(1, -tireads=128) as bx:
    grow = [grow, ] * 1000


    @lambda: T.prim_func
        with T.reader():
        c, = T.pipe(((64), 64), "float32", depth=1)
    655*5 [a, *b]:
        T.FragmentBufferwith T.compute():
     