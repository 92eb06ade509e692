# run: -D B=1 -D H=2 -D S=100 -D dk=32 -D dv=64
"""Retention: a decay by distance that depends on the head, applied to scores in blocks; float exponents of integer distances."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(B=2, H=2, S=100, dk=32, dv=64), dict(B=1, H=3, S=64, dk=64, dv=32)]


@tilelang.jit(out_idx=-1)
def retention(B, H, S, dk, dv, BM=32, BN=32, dtype=T.bfloat16):
    @T.prim_func
    def main(
        Q: T.Tensor((B, S, H, dk), dtype), K: T.Tensor((B, S, H, dk), dtype), V: T.Tensor((B, S, H, dv), dtype), O: T.Tensor((B, S, H, dv), dtype)
    ):
        with T.Kernel(T.ceildiv(S, BM), B * H, threads=128) as (bx, bh):
            b, h = bh // H, bh % H
            q = T.alloc_shared([BM, dk], dtype)
            k = T.alloc_shared([BN, dk], dtype)
            v = T.alloc_shared([BN, dv], dtype)
            s = T.alloc_fragment([BM, BN], "float32")
            p = T.alloc_shared([BM, BN], dtype)
            o = T.alloc_fragment([BM, dv], "float32")
            decay = T.alloc_fragment([1], "float32")
            T.copy(Q[b, bx * BM : (bx + 1) * BM, h, :], q)
            T.clear(o)
            decay[0] = T.log2(1 - T.exp2(-5.0 - 1.0 * h))
            for n in T.Pipelined(bx + 1, num_stages=2):
                T.copy(K[b, n * BN : (n + 1) * BN, h, :], k)
                T.copy(V[b, n * BN : (n + 1) * BN, h, :], v)
                T.gemm(q, k, s, transpose_B=True, clear_accum=True)
                for i, j in T.Parallel(BM, BN):
                    distance = bx * BM + i - n * BN - j
                    s[i, j] = T.if_then_else(distance >= 0, s[i, j] * T.exp2(T.cast(distance, "float32") * decay[0]), 0.0)
                T.copy(s, p)
                T.gemm(p, v, o)
            T.copy(o, O[b, bx * BM : (bx + 1) * BM, h, :])

    return main


def inputs(rng, B, H, S, dk, dv, **_):
    return {n: ("bfloat16", rng.standard_normal((B, S, H, d)) * f) for n, d, f in (("Q", dk, 0.3), ("K", dk, 0.3), ("V", dv, 1))}


def ref(a, S, H, **_):
    distance = np.arange(S)[:, None] - np.arange(S)[None]
    gamma = 1 - 2.0 ** (-5 - np.arange(H))
    mask = np.where(distance >= 0, gamma[:, None, None] ** np.maximum(distance, 0), 0)
    return {"O": ("bfloat16", np.einsum("bqhd,bkhd,hqk,bkhe->bqhe", a["Q"], a["K"], mask, a["V"], optimize=True))}
