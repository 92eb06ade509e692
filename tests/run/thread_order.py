"""Atomics whose results are used, blocks that wait for each other, and threads that leave early."""
import numpy as np
import tilelang
import tilelang.language as T

NOT = ("cpu", "mock", "cuda", "cubin", "emulated")
CASES = [dict(M=5, N=100, _kernel="main", _not=NOT), dict(M=1, N=3, _kernel="main", _not=NOT), dict(M=4, N=64, other=1, _kernel="meeting", _not=NOT)]


def main(M, N):
    @T.prim_func
    def kernel(A: T.Tensor((M, N), "int32"), C: T.Tensor((M, N), "int32"), n: T.Tensor((M,), "int32"), sums: T.Tensor((M,), "int32")):
        with T.Kernel(M, threads=64) as b:
            tx = T.get_thread_binding(0)
            count = T.alloc_shared((1,), "int32")
            at = T.alloc_var("int32")
            if tx == 0:
                count[0] = 0
                sums[b] = 0
            T.sync_threads()
            for k in T.serial(tx, N, 64):
                if A[b, k] < 0:
                    continue
                if A[b, k] > 90:
                    break
                at = T.atomic_add(count[0], 1, return_prev=True)
                C[b, at] = A[b, k]
                T.atomic_add(sums[b], A[b, k])
            T.sync_threads()
            if tx > 0:
                T.thread_return()
            n[b] = count[0]
    return kernel


def meeting(M, N, other):
    @T.prim_func
    def kernel(A: T.Tensor((M, N), "int32"), C: T.Tensor((M, N), "int32"), n: T.Tensor((M,), "int32"), sums: T.Tensor((M,), "int32")):
        with T.Kernel(M, threads=64) as b:
            tx = T.get_thread_binding(0)
            C[b, tx] = A[b, tx] * 2
            T.sync_grid()
            C[(b + 1) % M, tx] = C[(b + 1) % M, tx] + b
            if tx == 0:
                n[b] = 0
                sums[b] = 0
    return kernel


def inputs(rng, M, N, **_):
    return {"A": ("int32", rng.integers(-20, 95, (M, N))), "C": ("int32", np.full((M, N), -1))}


def ref(a, M, N, other=0, **_):
    A = a["A"]
    zero = np.zeros(M, np.int64)
    if other:
        return {"C": ("int32", A * 2 + np.roll(np.arange(M), 1)[:, None]), "n": ("int32", zero), "sums": ("int32", zero)}
    C, n, sums = np.full((M, N), -1), zero.copy(), zero.copy()
    for b in range(M):
        alive = np.ones(64, bool)
        for start in range(0, N, 64):           # in step: the k-th element of every thread before the next one
            for t in range(min(64, N - start)):
                v = A[b, start + t]
                alive[t] &= v < 0 or v <= 90
                if alive[t] and v >= 0:
                    C[b, n[b]] = v
                    n[b] += 1
                    sums[b] += v
    return {"C": ("int32", C), "n": ("int32", n), "sums": ("int32", sums)}
