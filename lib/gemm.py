"""C = act(A B + bias): a pipelined GEMM with an epilogue. act is one of none, relu, silu."""
import tilelang
import tilelang.language as T


@tilelang.jit
def gemm(M, N, K, act="relu", BM=128, BN=None, BK=64, stages=3, dtype="bfloat16"):
    assert act in ("none", "relu", "silu"), f"act is none, relu or silu, not {act}"
    BN = BN or (128 if dtype == "float32" else 256)

    @T.prim_func
    def main(
        A: T.Tensor((M, K), dtype),
        B: T.Tensor((K, N), dtype),
        bias: T.Tensor((N,), dtype),
        C: T.Tensor((M, N), dtype),
    ):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=256) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BK, BN), dtype)
            bias_s = T.alloc_shared((BN,), dtype)
            C_s = T.alloc_shared((BM, BN), dtype)
            acc = T.alloc_fragment((BM, BN), "float32")

            T.copy(bias[bx * BN : (bx + 1) * BN], bias_s)
            T.clear(acc)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=stages):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[k * BK, bx * BN], B_s)
                T.gemm(A_s, B_s, acc)
            for i, j in T.Parallel(BM, BN):
                acc[i, j] = acc[i, j] + bias_s[j]
            if act == "relu":
                for i, j in T.Parallel(BM, BN):
                    acc[i, j] = T.max(acc[i, j], 0.0)
            elif act == "silu":
                for i, j in T.Parallel(BM, BN):
                    acc[i, j] = acc[i, j] * T.sigmoid(acc[i, j])
            T.copy(acc, C_s)
            T.copy(C_s, C[by * BM, bx * BN])

    return main
