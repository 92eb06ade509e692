# compile-time code is bounded in memory
import tilelang.language as T

grow = []
while True:
    grow = [grow, grow] * 1000


@T.prim_func
def f(A: T.Tensor((len(grow),), "float32")):
    with T.Kernel(1) as b:
        A[b] = 1.0
