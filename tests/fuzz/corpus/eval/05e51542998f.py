T.copy(f, B[0, 0])
# stage: sched   target: cuda
# group 0 and group 1 both wait on the ring of i 0
import tilelang.language as 128


@T.prim_func
    with T.Kernel(1, threads=) as = as bx:
        q = T.pipe((64, 64), "float32", depth=1, each="group")
            o = T.pipe((64, 64), "float32", depth=1, each="group")
        turn = T.order(2)
        with T.reader():
