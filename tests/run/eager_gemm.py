# run: -D M=70 -D N=72 -D K=90 --input alpha=0.5
"""The eager style: sizes from T.const, two outputs, a scalar parameter, shapes computed before the kernel."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(M=70, N=72, K=90), dict(M=33, N=40, K=32)]


@tilelang.jit
def gemm(A, B, alpha: T.float32, BM: int = 32, BN: int = 32, BK: int = 32, dtype: str = "float16"):
    M, N, K = T.const("M, N, K")
    A: T.Tensor((M, K), dtype)
    B: T.Tensor((K, N), dtype)
    assert BM % 16 == 0
    blocks = (M + BM - 1) // BM
    C = T.empty((M, N), dtype)
    high = T.empty((M, T.ceildiv(N, BN)), T.float32)
    with T.Kernel(T.ceildiv(N, BN), blocks, threads=128) as (bx, by):
        A_s = T.alloc_shared((BM, BK), dtype)
        B_s = T.alloc_shared((BK, BN), dtype)
        acc = T.alloc_fragment((BM, BN), T.float32)
        top = T.alloc_fragment((BM,), T.float32)
        T.clear(acc)
        for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
            T.copy(A[by * BM, k * BK], A_s)
            T.copy(B[k * BK, bx * BN], B_s)
            T.gemm(A_s, B_s, acc)
        for i, j in T.Parallel(BM, BN):
            acc[i, j] = acc[i, j] * alpha
        T.reduce_absmax(acc, top, dim=1)
        T.copy(acc, C[by * BM, bx * BN])
        for i in T.Parallel(BM):
            high[by * BM + i, bx] = top[i]
    return C, high


def inputs(rng, M, N, K, **_):
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N))), "alpha": ("float32", np.array(0.5))}


def ref(a, N, BN=32, **_):
    c = a["A"] @ a["B"] * a["alpha"]
    return {"C": ("float16", c), "high": ("float32", np.stack([np.abs(c[:, k : k + BN]).max(1) for k in range(0, N, BN)], 1))}
