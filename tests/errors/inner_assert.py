# entry: outer.main
import tilelang.language as T


def outer(n=64):
    assert n <= 32, "at most 32"

    @T.prim_func
    def main(A: T.Tensor((n,), "float32")):
        with T.Kernel(1) as bx:
            A[0] = 1.0

    return main
