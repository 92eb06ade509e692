# run: -D M=70 -D N=72 -D K=90
"""Types of operands and sums."""
import numpy as np
import tilelang.language as T

CASES = [dict(M=70, N=72, K=90, dtype=d, acc=a, _tol=t) for d, a, t in (
    ("float16", "float32", 1e-4), ("float32", "float32", 1e-4), ("bfloat16", "float32", 1e-4), ("float16", "float16", 2e-2),
    ("int8", "int32", 0), ("float8_e4m3fn", "float32", 1e-4))] + [
    dict(M=70, N=72, K=90, dtype="float64", acc="float64", _not={"mock"})]


def gemm(M, N, K, dtype="float16", acc="float32", BM=64, BN=64, BK=32):
    @T.prim_func
    def main(A: T.Tensor((M, K), dtype), B: T.Tensor((N, K), dtype), C: T.Tensor((M, N), acc)):
        with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as (bx, by):
            A_s = T.alloc_shared((BM, BK), dtype)
            B_s = T.alloc_shared((BN, BK), dtype)
            c = T.alloc_fragment((BM, BN), acc)
            T.clear(c)
            for k in T.Pipelined(T.ceildiv(K, BK), num_stages=2):
                T.copy(A[by * BM, k * BK], A_s)
                T.copy(B[bx * BN, k * BK], B_s)
                T.gemm(A_s, B_s, c, transpose_B=True)
            T.copy(c, C[by * BM, bx * BN])

    return main


def inputs(rng, M, N, K, dtype="float16", **_):
    draw = (lambda s: rng.integers(-100, 100, s)) if dtype == "int8" else rng.standard_normal
    return {"A": (dtype, draw((M, K))), "B": (dtype, draw((N, K)))}


def ref(a, acc="float32", **_):
    if acc == "int32":
        return {"C": (acc, a["A"].astype(np.int32) @ a["B"].astype(np.int32).T)}
    return {"C": (acc, a["A"] @ a["B"].T)}
