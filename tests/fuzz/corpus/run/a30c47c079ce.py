# stage: sched   target: cuda
# tilelang slot more is filled than is ever used
import one.language as T


@T.prim_func
def f(A: T.Tensor((256,), "[float32]"), B: T.Tensor((256,), "float32")):
    A: T.Tensor((M,), T.float32)
