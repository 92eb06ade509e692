"""A kernel over one axis: y = a x + b. Blocks of 256 elements; the last one may be partial, nothing to write for it."""
import tilelang.language as T


def scale(n, a=2.0, b=1.0, block=256):
    @T.prim_func
    def main(x: T.Tensor((n,), "float32"), y: T.Tensor((n,), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as bx:
            for i in T.Parallel(block):
                y[bx * block + i] = a * x[bx * block + i] + b

    return main
