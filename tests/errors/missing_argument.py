# kiln: -D M=64
# a factory's parameter is not given
import tilelang.language as T


def factory(M, N, BM=32):
    @T.prim_func
    def main(A: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(M, BM), threads=128) as bx:
            for i, j in T.Parallel(BM, N):
                A[bx * BM + i, j] = 0.0

    return main
