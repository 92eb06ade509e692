# operands of every type and orientation, tiles that are no multiples of the micro kernel
# kiln: -D M=40 -D N=24 -D K=36
# case: M=40 N=24 K=36
# case: M=100 N=70 K=130 BM=64 BN=64 BK=32
# case: M=100 N=70 K=130 BM=64 BN=64 BK=32 ta=True tb=True
# case: M=50 N=50 K=50 BM=20 BN=24 BK=12 tb=True dtype=float16
# case: M=50 N=50 K=50 BM=7 BN=33 BK=5 ta=True dtype=bfloat16
# case: M=50 N=50 K=50 dtype=float8_e4m3fn
# case: M=50 N=50 K=50 dtype=float8_e5m2 acc=float16
# case: M=50 N=50 K=50 dtype=float16 acc=float16
# case: M=50 N=50 K=50 dtype=float32 acc=float64
# case: M=50 N=50 K=50 dtype=float64 acc=float64 tb=True
# case: M=50 N=50 K=50 dtype=float64 acc=float32 ta=True
# case: M=50 N=50 K=50 dtype=int8 acc=int32
# case: M=50 N=50 K=50 dtype=uint8 acc=int32 tb=True
# case: M=50 N=50 K=50 dtype=int32 acc=int64
# case: M=50 N=50 K=0
import tilelang
import tilelang.language as T


@tilelang.jit
def gemm(M, N, K, ta=False, tb=False, BM=32, BN=16, BK=16, dtype="bfloat16", acc="float32"):
    @T.prim_func
    def main(
        A: T.Tensor((K, M) if ta else (M, K), dtype),
        B: T.Tensor((N, K) if tb else (K, N), dtype),
        C: T.Tensor((M, N), acc),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM)) as (bx, by):
            A_s = T.alloc_shared((BK, BM) if ta else (BM, BK), dtype)
            B_s = T.alloc_shared((BN, BK) if tb else (BK, BN), dtype)
            sums = T.alloc_fragment((BM, BN), acc)
            T.clear(sums)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                if ta:
                    T.copy(A[k * BK, by * BM], A_s)
                else:
                    T.copy(A[by * BM, k * BK], A_s)
                if tb:
                    T.copy(B[bx * BN, k * BK], B_s)
                else:
                    T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, sums, transpose_A=ta, transpose_B=tb)
            T.copy(sums, C[by * BM, bx * BN])

    return main
