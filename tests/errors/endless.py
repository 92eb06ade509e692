# the factory never comes to an end
import tilelang.language as T


def factory():
    n = 0
    while True:
        n += 1

    @T.prim_func
    def main(A: T.Tensor((n,), "float32")):
        with T.Kernel(1, threads=128) as bx:
            A[0] = 0.0

    return main
