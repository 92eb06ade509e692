# run: -D B=1 -D Sq=40 -D Sk=90 -D H=2 -D Hkv=1 -D D=32 -D window=20 -D sink=True -D biased=True
"""Attention with the choices that are made while compiling: causal (aligned to the last key), a sliding window, a sink, a bias."""
import numpy as np
import tilelang
import tilelang.language as T

CASES = [
    dict(B=2, Sq=40, Sk=90, H=2, Hkv=1, D=32),
    dict(B=1, Sq=70, Sk=70, H=2, Hkv=2, D=96, causal=True),
    dict(B=1, Sq=90, Sk=40, H=2, Hkv=1, D=64, causal=True),
    dict(B=1, Sq=70, Sk=130, H=2, Hkv=1, D=64, causal=True, window=40),
    dict(B=1, Sq=40, Sk=70, H=2, Hkv=2, D=128, sink=True),
    dict(B=1, Sq=40, Sk=70, H=2, Hkv=1, D=32, biased=True),
    dict(B=1, Sq=70, Sk=70, H=2, Hkv=1, D=64, causal=True, window=20, sink=True, biased=True, dtype="bfloat16"),
]


@tilelang.jit(out_idx=[-1])
def attention(B, Sq, Sk, H, Hkv, D, causal=False, window=0, sink=False, biased=False, BM=32, BN=32, stages=2, dtype="float16"):
    scale = (1.0 / D) ** 0.5
    inf = T.infinity("float32")

    def visible(q, k):
        seen = k < Sk
        if causal:
            seen = seen and k <= q + Sk - Sq
        if window:
            seen = seen and k > q + Sk - Sq - window
        return seen

    @T.prim_func
    def main(
        Q: T.Tensor((B, Sq, H, D), dtype),
        K: T.Tensor((B, Sk, Hkv, D), dtype),
        V: T.Tensor((B, Sk, Hkv, D), dtype),
        bias: T.Tensor((Sq, Sk), "float32"),
        sinks: T.Tensor((H,), "float32"),
        O: T.Tensor((B, Sq, H, D), dtype),
    ):
        with T.Kernel(T.ceildiv(Sq, BM), H, B, threads=128) as (bx, h, b):
            Q_s = T.alloc_shared((BM, D), dtype)
            K_s = T.alloc_shared((BN, D), dtype)
            V_s = T.alloc_shared((BN, D), dtype)
            S = T.alloc_fragment((BM, BN), "float32")
            P = T.alloc_fragment((BM, BN), dtype)
            acc = T.alloc_fragment((BM, D), "float32")
            top = T.alloc_fragment((BM,), "float32")
            old = T.alloc_fragment((BM,), "float32")
            base = T.alloc_fragment((BM,), "float32")
            part = T.alloc_fragment((BM,), "float32")
            total = T.alloc_fragment((BM,), "float32")

            T.copy(Q[b, bx * BM : (bx + 1) * BM, h, :], Q_s)
            T.clear(acc)
            if sink:
                for i in T.Parallel(BM):
                    top[i] = sinks[h]
                T.fill(total, 1.0)
            else:
                T.fill(top, -inf)
                T.clear(total)
            first = T.max((bx * BM + Sk - Sq - window + 1) // BN, 0) if window else 0
            last = T.ceildiv(T.max(T.min(Sk, (bx + 1) * BM + Sk - Sq), 0), BN) if causal else T.ceildiv(Sk, BN)
            for n in T.Pipelined(first, last, num_stages=stages):
                T.copy(K[b, n * BN : (n + 1) * BN, h // (H // Hkv), :], K_s)
                T.gemm(Q_s, K_s, S, transpose_B=True, clear_accum=True)
                for i, j in T.Parallel(BM, BN):
                    if biased:
                        S[i, j] = S[i, j] * scale + bias[bx * BM + i, n * BN + j]
                    else:
                        S[i, j] = S[i, j] * scale
                for i, j in T.Parallel(BM, BN):
                    S[i, j] = T.if_then_else(visible(bx * BM + i, n * BN + j), S[i, j], -inf)
                T.copy(top, old)
                T.reduce_max(S, top, dim=1, clear=False)
                for i in T.Parallel(BM):
                    base[i] = T.if_then_else(top[i] > -inf, top[i], 0.0)
                for i, j in T.Parallel(BM, BN):
                    S[i, j] = T.exp(S[i, j] - base[i])
                T.reduce_sum(S, part, dim=1)
                for i in T.Parallel(BM):
                    total[i] = total[i] * T.exp(old[i] - base[i]) + part[i]
                for i, d in T.Parallel(BM, D):
                    acc[i, d] *= T.exp(old[i] - base[i])
                T.copy(S, P)
                T.copy(V[b, n * BN : (n + 1) * BN, h // (H // Hkv), :], V_s)
                T.gemm(P, V_s, acc)
            for i, d in T.Parallel(BM, D):
                acc[i, d] = T.if_then_else(total[i] > 0.0, acc[i, d] / total[i], 0.0)
            T.copy(acc, O[b, bx * BM : (bx + 1) * BM, h, :])

    return main


def inputs(rng, B, Sq, Sk, H, Hkv, D, dtype="float16", **_):
    return {"Q": (dtype, rng.standard_normal((B, Sq, H, D))), "K": (dtype, rng.standard_normal((B, Sk, Hkv, D))),
            "V": (dtype, rng.standard_normal((B, Sk, Hkv, D))), "bias": ("float32", rng.standard_normal((Sq, Sk))),
            "sinks": ("float32", rng.standard_normal(H))}


def ref(a, B, Sq, Sk, H, Hkv, D, causal=False, window=0, sink=False, biased=False, dtype="float16", **_):
    q, k = np.arange(Sq)[:, None] + Sk - Sq, np.arange(Sk)[None]
    see = (np.ones((Sq, Sk), bool) if not causal else k <= q) & (k > q - window if window else True)
    out = np.zeros((B, Sq, H, D))
    for b in range(B):
        for h in range(H):
            s = a["Q"][b, :, h] @ a["K"][b, :, h * Hkv // H].T / np.sqrt(D) + (a["bias"] if biased else 0)
            e = np.where(see, np.exp(s), 0)
            z = e.sum(1, keepdims=True) + (np.exp(a["sinks"][h]) if sink else 0)
            out[b, :, h] = (e / np.where(z > 0, z, 1)) @ a["V"][b, :, h * Hkv // H]
    return {"O": (dtype, out)}
