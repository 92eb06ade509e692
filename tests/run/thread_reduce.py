"""Threads that reduce together: a tree in shared memory, shuffles, a vote, and a reduction over one axis of the block."""
import numpy as np
import tilelang
import tilelang.language as T

NOT = ("cpu", "mock", "cuda", "cubin", "emulated")
CASES = [dict(M=3, N=200, _kernel="main", _not=NOT), dict(M=1, N=7, _kernel="main", _not=NOT), dict(M=2, N=64, other=1, _kernel="by_axis", _not={"mock"})]


def main(M, N):
    @T.prim_func
    def kernel(A: T.Tensor((M, N), "float32"), S: T.Tensor((M,), "float32"), W: T.Tensor((M, 4), "float32"), V: T.Tensor((M, 4), "uint32")):
        with T.Kernel(M, threads=128) as b:
            tx = T.get_thread_binding(0)
            part = T.alloc_shared((128,), "float32")
            x = T.alloc_local((1,), "float32")
            x[0] = 0.0
            for k in T.serial(T.ceildiv(N, 128)):
                if k * 128 + tx < N:
                    x[0] += A[b, k * 128 + tx]
            part[tx] = x[0]
            vote = T.ballot_sync(x[0] > 0)
            for k in T.serial(5):
                x[0] += T.shfl_xor(x[0], 1 << k)
            if tx % 32 == 0:
                W[b, tx // 32] = x[0]
                V[b, tx // 32] = vote
            for k in T.serial(7):
                T.sync_threads()
                if tx < 64 >> k:
                    part[tx] += part[tx + (64 >> k)]
            T.sync_threads()
            if tx == 0:
                S[b] = part[0]
    return kernel


def by_axis(M, N, other):
    @T.prim_func
    def kernel(A: T.Tensor((M, N), "float32"), S: T.Tensor((M, 4), "float32")):
        with T.Kernel(M, threads=(16, 4)) as b:
            tx = T.get_thread_binding(0)
            ty = T.get_thread_binding(1)
            x = T.alloc_var("float32")
            x = A[b, ty * 16 + tx]
            r = T.warp_reduce_max(x) * 0.0 + x
            s = T.alloc_shared((4,), "float32")
            if tx == 0:
                s[ty] = 0.0
            T.sync_threads()
            T.atomic_add(s[ty], r)
            T.sync_threads()
            if tx == 0:
                S[b, ty] = s[ty]
    return kernel


def inputs(rng, M, N, **_):
    return {"A": ("float32", rng.standard_normal((M, N)))}


def ref(a, M, N, other=0, **_):
    if other:
        return {"S": ("float32", a["A"].reshape(M, 4, 16).sum(2))}
    x = np.zeros((M, -(-N // 128) * 128))
    x[:, :N] = a["A"]
    thread = x.reshape(M, -1, 128).sum(1).reshape(M, 4, 32)
    votes = ((thread > 0) * (1 << np.arange(32, dtype=np.uint64))).sum(2).astype(np.uint32)
    return {"S": ("float32", a["A"].sum(1)), "W": ("float32", thread.sum(2)), "V": ("uint32", votes)}
