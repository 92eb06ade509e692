"""A producer and a consumer of hand-specialised warps: copies that barriers count, in a ring of two stages. And threads that start copies of
their own and wait for groups of them."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(M=40, N=50, K=100, _kernel="main"), dict(M=16, N=16, K=16, _kernel="main"), dict(M=2, N=70, K=64, other=1, _kernel="copies")]


def main(M, N, K):
    @T.prim_func
    def kernel(A: T.Tensor((M, K), "float16"), B: T.Tensor((K, N), "float16"), C: T.Tensor((M, N), "float32")):
        with T.Kernel(T.ceildiv(N, 32), T.ceildiv(M, 32), threads=256) as (bx, by):
            As = T.alloc_shared((2, 32, 32), "float16")
            Bs = T.alloc_shared((2, 32, 32), "float16")
            acc = T.alloc_fragment((32, 32), "float32")
            full = T.alloc_barrier([128, 128])
            free = T.alloc_barrier([128, 128])
            tx = T.get_thread_binding(0)
            if tx < 128:
                for k in T.serial(T.ceildiv(K, 32)):
                    T.barrier_wait(free[k % 2], (k // 2) % 2 ^ 1)
                    T.tma_copy(A[by * 32, k * 32], As[k % 2, :, :], barrier=full[k % 2])
                    T.tma_copy(B[k * 32, bx * 32], Bs[k % 2, :, :], barrier=full[k % 2])
                    T.barrier_arrive(full[k % 2])
            else:
                T.clear(acc)
                for k in T.serial(T.ceildiv(K, 32)):
                    T.barrier_wait(full[k % 2], (k // 2) % 2)
                    T.gemm(As[k % 2, :, :], Bs[k % 2, :, :], acc)
                    T.barrier_arrive(free[k % 2])
                T.copy(acc, C[by * 32, bx * 32])
    return kernel


def copies(M, N, K, other):
    @T.prim_func
    def kernel(A: T.Tensor((M, K), "float32"), B: T.Tensor((M, K), "float32"), C: T.Tensor((M, K), "float32")):
        with T.Kernel(M, threads=16) as b:
            tx = T.get_thread_binding(0)
            s = T.alloc_shared((2, 64), "float32")
            T.ptx_cp_async(T.access_ptr(s[0, tx * 4], "w", 4), T.access_ptr(A[b, tx * 4], "r", 4), 4)
            T.ptx_commit_group()
            T.ptx_cp_async(T.access_ptr(s[1, tx * 4], "w", 4), T.access_ptr(B[b, tx * 4], "r", 4), 4)
            T.ptx_commit_group()
            T.ptx_wait_group(1)
            T.sync_threads()
            x = T.alloc_local((4,), "float32")
            for k in T.serial(4):
                x[k] = s[0, 63 - (tx * 4 + k)]
            T.ptx_wait_group(0)
            T.sync_threads()
            for k in T.serial(4):
                C[b, tx * 4 + k] = x[k] - s[1, 63 - (tx * 4 + k)]
    return kernel


def inputs(rng, M, N, K, other=0, **_):
    if other:
        return {n: ("float32", rng.standard_normal((M, K))) for n in "AB"}
    return {"A": ("float16", rng.standard_normal((M, K))), "B": ("float16", rng.standard_normal((K, N)))}


def ref(a, other=0, **_):
    return {"C": ("float32", (a["A"] - a["B"])[:, ::-1] if other else a["A"] @ a["B"])}
