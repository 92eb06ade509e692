# two indices for one dimension
import tilelang.language as T


@T.prim_func
def batched(B, M, N, K, BM=64, BN=64, BK=32, dtype="float16"):
    @T.prim_func
    def main(A: T.Tensor((B, M, K), dtype), X: T.Tensor((B, K, N), dtype), C: T.Tensor((B, M, N), dtype)):
            for k in T.serial(4):
                s = T.wait(p)
