"""Atomic updates of elements and of tiles, in global and shared memory, from several blocks; elements out of range are left out."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(M=70, N=100, _kernel="sums", _not={"mock"}, _tol=2e-3), dict(M=16, N=7, _kernel="sums", _not={"mock"}, _tol=2e-3),
         dict(M=40, N=50, dtype="float16", _kernel="sums", _not={"mock"}, _tol=2e-2),
         dict(n=300, bins=20, _kernel="counts", _not={"mock"}), dict(n=5, bins=3, _kernel="counts", _not={"mock"})]


def sums(M, N, dtype="float32"):
    @T.prim_func
    def kernel(A: T.Tensor((M, N), "float32"), Rows: T.Tensor((M,), dtype), Columns: T.Tensor((N,), "float32"), Most: T.Tensor((N,), "float32"),
               Least: T.Tensor((N,), "float32")):
        with T.Kernel(T.ceildiv(N, 32), T.ceildiv(M, 32), threads=128) as (bx, by):
            a = T.alloc_shared((32, 32), "float32")
            f = T.alloc_fragment((32, 32), "float32")
            rows = T.alloc_fragment((32,), "float32")
            columns = T.alloc_fragment((32,), "float32")
            T.copy(A[by * 32, bx * 32], a)
            T.copy(a, f)
            T.reduce_sum(f, rows, dim=1)
            T.reduce_sum(f, columns, dim=0)
            T.atomic_add(Columns[bx * 32], columns)
            for i in T.Parallel(32):
                T.atomic_add(Rows[by * 32 + i], T.cast(rows[i], dtype))
            for i, j in T.Parallel(32, 32):
                if by * 32 + i < M:
                    T.atomic_max(Most[bx * 32 + j], f[i, j])
                    T.atomic_min(Least[bx * 32 + j], f[i, j])
    return kernel


def counts(n, bins):
    @T.prim_func
    def kernel(A: T.Tensor((n,), "int32"), Counts: T.Tensor((bins,), "int32"), Bits: T.Tensor((bins,), "int32")):
        with T.Kernel(T.ceildiv(n, 128), threads=128) as b:
            mine = T.alloc_shared((bins,), "int32")
            T.clear(mine)
            for i in T.Parallel(128):
                if b * 128 + i < n:
                    T.atomic_add(mine[A[b * 128 + i]], 1)
                    T.atomic_or(Bits[A[b * 128 + i]], 1 << (b * 128 + i) % 31)
            for i in T.Parallel(bins):
                T.atomic_add(Counts[i], mine[i])
    return kernel


def inputs(rng, M=0, N=0, dtype="float32", n=0, bins=0):
    if n:
        return {"A": ("int32", rng.integers(0, bins, n)), "Counts": ("int32", np.zeros(bins)), "Bits": ("int32", np.zeros(bins))}
    return {"A": ("float32", rng.standard_normal((M, N))), "Rows": (dtype, rng.standard_normal(M)), "Columns": ("float32", np.zeros(N)),
            "Most": ("float32", np.full(N, -1.0)), "Least": ("float32", np.full(N, 1.0))}


def ref(given, M=0, N=0, dtype="float32", n=0, bins=0):
    a = given["A"]
    if n:
        bits = np.zeros(bins, np.int64)
        for i, x in enumerate(a.astype(int)):
            bits[x] |= 1 << i % 31
        return {"Counts": ("int32", np.bincount(a.astype(int), minlength=bins)), "Bits": ("int32", bits)}
    return {"Rows": (dtype, given["Rows"] + a.sum(1)), "Columns": ("float32", a.sum(0)), "Most": ("float32", np.maximum(a.max(0), -1)),
            "Least": ("float32", np.minimum(a.min(0), 1))}
