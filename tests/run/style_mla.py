# run: -D batch=2 -D heads=16 -D kv_len=100 -D dim=64 -D pe=32
"""Decoding over a latent cache: two products into one score tile (the latent part and the positions'), the latent again as values, split
over blocks that a second launch combines."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(batch=2, heads=16, kv_len=100, dim=64, pe=32), dict(batch=1, heads=40, kv_len=64, dim=32, pe=32, num_split=2)]


@tilelang.jit(out_idx=[-1])
def mla(batch, heads, kv_len, dim, pe, block_N=32, block_H=32, num_split=3, dtype="bfloat16"):
    scale = float((1.0 / (dim + pe)) ** 0.5 * 1.44269504)
    accum_dtype = "float"
    per_split = (kv_len + num_split * block_N - 1) // (num_split * block_N) * block_N

    @T.prim_func
    def main(
        Q: T.Tensor([batch, heads, dim], dtype),
        Q_pe: T.Tensor([batch, heads, pe], dtype),
        KV: T.Tensor([batch, kv_len, dim], dtype),
        K_pe: T.Tensor([batch, kv_len, pe], dtype),
        Output: T.Tensor([batch, heads, dim], dtype),
    ):
        glse = T.alloc_global([batch, heads, num_split], accum_dtype)
        partial = T.alloc_global([batch, heads, num_split, dim], accum_dtype)

        with T.Kernel(batch, T.ceildiv(heads, block_H), num_split, threads=256) as (bid, hid, sid):
            Q_shared = T.alloc_shared([block_H, dim], dtype)
            Q_pe_shared = T.alloc_shared([block_H, pe], dtype)
            KV_shared = T.alloc_shared([block_N, dim], dtype)
            K_pe_shared = T.alloc_shared([block_N, pe], dtype)
            S_shared = T.alloc_shared([block_H, block_N], dtype)
            acc_s = T.alloc_fragment([block_H, block_N], accum_dtype)
            acc_o = T.alloc_fragment([block_H, dim], accum_dtype)
            m = T.alloc_fragment([block_H], accum_dtype)
            m_prev = T.alloc_fragment([block_H], accum_dtype)
            r = T.alloc_fragment([block_H], accum_dtype)
            s = T.alloc_fragment([block_H], accum_dtype)
            logsum = T.alloc_fragment([block_H], accum_dtype)

            T.use_swizzle(10)
            T.copy(Q[bid, hid * block_H : (hid + 1) * block_H, :], Q_shared)
            T.copy(Q_pe[bid, hid * block_H : (hid + 1) * block_H, :], Q_pe_shared)
            T.fill(acc_o, 0)
            T.fill(logsum, 0)
            T.fill(m, -1e30)
            start = sid * per_split
            for k in T.Pipelined(T.max(0, T.ceildiv(T.min(kv_len - start, per_split), block_N)), num_stages=2):
                T.copy(KV[bid, start + k * block_N : start + (k + 1) * block_N, :], KV_shared)
                T.copy(K_pe[bid, start + k * block_N : start + (k + 1) * block_N, :], K_pe_shared)
                T.clear(acc_s)
                T.gemm(Q_shared, KV_shared, acc_s, transpose_B=True, policy=T.GemmWarpPolicy.FullCol)
                T.gemm(Q_pe_shared, K_pe_shared, acc_s, transpose_B=True, policy=T.GemmWarpPolicy.FullCol)
                for i, j in T.Parallel(block_H, block_N):
                    acc_s[i, j] = T.if_then_else(start + k * block_N + j < kv_len, acc_s[i, j], -1e30)
                T.copy(m, m_prev)
                T.reduce_max(acc_s, m, dim=1, clear=False)
                for i in T.Parallel(block_H):
                    r[i] = T.exp2(m_prev[i] * scale - m[i] * scale)
                for i, j in T.Parallel(block_H, block_N):
                    acc_s[i, j] = T.exp2(acc_s[i, j] * scale - m[i] * scale)
                T.reduce_sum(acc_s, s, dim=1)
                T.copy(acc_s, S_shared)
                for i in T.Parallel(block_H):
                    logsum[i] = logsum[i] * r[i] + s[i]
                for i, j in T.Parallel(block_H, dim):
                    acc_o[i, j] *= r[i]
                T.gemm(S_shared, KV_shared, acc_o, policy=T.GemmWarpPolicy.FullCol)
            for i, j in T.Parallel(block_H, dim):
                acc_o[i, j] = T.if_then_else(logsum[i] > 0, acc_o[i, j] / logsum[i], 0)
            for i in T.Parallel(block_H):
                logsum[i] = T.if_then_else(logsum[i] > 0, T.log2(logsum[i]) + m[i] * scale, -1e30)
            T.copy(logsum, glse[bid, hid * block_H : (hid + 1) * block_H, sid])
            T.copy(acc_o, partial[bid, hid * block_H : (hid + 1) * block_H, sid, :])

        with T.Kernel(heads, batch, threads=128) as (hid, bz):
            po = T.alloc_fragment([dim], accum_dtype)
            o = T.alloc_fragment([dim], accum_dtype)
            lse_max = T.alloc_var(accum_dtype)
            lse_sum = T.alloc_var(accum_dtype)
            T.clear(o)
            lse_max = -1e30
            lse_sum = 0.0
            for k in T.serial(num_split):
                lse_max = T.max(lse_max, glse[bz, hid, k])
            for k in T.serial(num_split):
                lse_sum += T.exp2(glse[bz, hid, k] - lse_max)
            for k in T.serial(num_split):
                for i in T.Parallel(dim):
                    po[i] = partial[bz, hid, k, i]
                weight = T.exp2(glse[bz, hid, k] - lse_max) / lse_sum
                for i in T.Parallel(dim):
                    o[i] += po[i] * weight
            for i in T.Parallel(dim):
                Output[bz, hid, i] = o[i]

    return main


def inputs(rng, batch, heads, kv_len, dim, pe, **_):
    shapes = {"Q": (batch, heads, dim), "Q_pe": (batch, heads, pe), "KV": (batch, kv_len, dim), "K_pe": (batch, kv_len, pe)}
    return {n: ("bfloat16", rng.standard_normal(s)) for n, s in shapes.items()}


def ref(a, dim, pe, **_):
    s = (np.einsum("bhd,bkd->bhk", a["Q"], a["KV"]) + np.einsum("bhd,bkd->bhk", a["Q_pe"], a["K_pe"])) / np.sqrt(dim + pe)
    e = np.exp(s - s.max(-1, keepdims=True))
    return {"Output": ("bfloat16", np.einsum("bhk,bkd->bhd", e / e.sum(-1, keepdims=True), a["KV"]))}
