# run: -D M=70 -D N=72 -D K=100
"""Eight-bit products whose sums are moved to a second accumulator after every step, with scales of blocks on both sides."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(M=70, N=72, K=100), dict(M=33, N=64, K=32)]


@tilelang.jit
def blockscaled(A, B, scales_a, scales_b, block_M=32, block_N=32, block_K=32):
    M, N, K = T.const("M, N, K")
    in_dtype, out_dtype, accum_dtype = T.float8_e4m3fn, T.bfloat16, T.float32
    A: T.Tensor((M, K), in_dtype)
    B: T.Tensor((N, K), in_dtype)
    scales_a: T.Tensor((M, T.ceildiv(K, block_K)), "float32")
    scales_b: T.Tensor((T.ceildiv(N, block_N), T.ceildiv(K, block_K)), "float32")
    C = T.empty((M, N), out_dtype)
    with T.Kernel(T.ceildiv(N, block_N), T.ceildiv(M, block_M), threads=128) as (bx, by):
        A_shared = T.alloc_shared((block_M, block_K), in_dtype)
        B_shared = T.alloc_shared((block_N, block_K), in_dtype)
        C_shared = T.alloc_shared((block_M, block_N), out_dtype)
        Scale = T.alloc_shared((block_M,), "float32")
        C_local = T.alloc_fragment((block_M, block_N), accum_dtype)
        C_sum = T.alloc_fragment((block_M, block_N), accum_dtype)
        T.use_swizzle(panel_size=10)
        T.clear(C_local)
        T.clear(C_sum)
        for k in T.Pipelined(T.ceildiv(K, block_K), num_stages=4):
            T.copy(A[by * block_M, k * block_K], A_shared)
            T.copy(B[bx * block_N, k * block_K], B_shared)
            Scale_B = scales_b[bx, k]
            for i in T.Parallel(block_M):
                Scale[i] = scales_a[by * block_M + i, k] * Scale_B
            T.gemm(A_shared, B_shared, C_local, transpose_B=True)
            for i, j in T.Parallel(block_M, block_N):
                C_sum[i, j] += C_local[i, j] * Scale[i]
            T.clear(C_local)
        T.copy(C_sum, C_shared)
        T.copy(C_shared, C[by * block_M, bx * block_N])
    return C


def inputs(rng, M, N, K, b=32, **_):
    return {"A": ("float8_e4m3fn", rng.standard_normal((M, K))), "B": ("float8_e4m3fn", rng.standard_normal((N, K))),
            "scales_a": ("float32", rng.uniform(0.5, 2, (M, -(-K // b)))), "scales_b": ("float32", rng.uniform(0.5, 2, (-(-N // b), -(-K // b))))}


def ref(a, N, K, b=32, **_):
    x = a["A"] * np.repeat(a["scales_a"], b, 1)[:, :K]
    y = a["B"] * np.repeat(np.repeat(a["scales_b"], b, 0)[:N], b, 1)[:, :K]
    return {"C": ("bfloat16", x @ y.T)}
