# kiln: -D n=64
# a misspelt keyword of a tile operation, with what it could have been
import tilelang.language as T


def factory(n):
    @T.prim_func
    def main(A: T.Tensor((n, n), "float16"), C: T.Tensor((n, n), "float32")):
        with T.Kernel(1) as b:
            s = T.alloc_shared((n, n), "float16")
            c = T.alloc_fragment((n, n), "float32")
            T.copy(A, s)
            T.gemm(s, s, c, tranpose_B=True)

    return main
