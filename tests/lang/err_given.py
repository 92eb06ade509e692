# kiln: -D M=64 -D blokc=16
# a parameter that the factory does not have
import tilelang.language as T


def f(M, block=32):
    @T.prim_func
    def main(A: T.Tensor((M,), "float32")):
        with T.Kernel(1) as b:
            A[b] = 1.0

    return main
