# run: -D B=1 -D S=150 -D H=2 -D D=32
"""Causal linear attention in chunks: the state K^T V stays in a fragment from chunk to chunk."""
import numpy as np
import tilelang.language as T

CASES = [dict(B=2, S=150, H=2, D=32), dict(B=1, S=32, H=2, D=64), dict(B=1, S=75, H=2, D=32, dtype="bfloat16")]


def linear(B, S, H, D, BC=32, dtype="float16"):
    @T.prim_func
    def main(
        Q: T.Tensor((B, S, H, D), dtype),
        K: T.Tensor((B, S, H, D), dtype),
        V: T.Tensor((B, S, H, D), dtype),
        O: T.Tensor((B, S, H, D), dtype),
    ):
        with T.Kernel(H, B, threads=128) as (h, b):
            q = T.alloc_shared((BC, D), dtype)
            k = T.alloc_shared((BC, D), dtype)
            v = T.alloc_shared((BC, D), dtype)
            s = T.alloc_fragment((BC, BC), "float32")
            s_cast = T.alloc_shared((BC, BC), dtype)
            state = T.alloc_fragment((D, D), "float32")
            state_s = T.alloc_shared((D, D), dtype)
            o = T.alloc_fragment((BC, D), "float32")
            T.clear(state)
            for c in T.Pipelined(T.ceildiv(S, BC), num_stages=2):
                T.copy(Q[b, c * BC : (c + 1) * BC, h, :], q)
                T.copy(K[b, c * BC : (c + 1) * BC, h, :], k)
                T.copy(V[b, c * BC : (c + 1) * BC, h, :], v)
                T.gemm(q, k, s, transpose_B=True, clear_accum=True)
                for i, j in T.Parallel(BC, BC):
                    s_cast[i, j] = T.if_then_else(i >= j, s[i, j], 0.0)
                T.gemm(s_cast, v, o, clear_accum=True)
                T.copy(state, state_s)
                T.gemm(q, state_s, o)
                T.gemm(k, v, state, transpose_A=True)
                T.copy(o, O[b, c * BC : (c + 1) * BC, h, :])

    return main


def inputs(rng, B, S, H, D, dtype="float16", **_):
    return {n: (dtype, rng.standard_normal((B, S, H, D)) * f) for n, f in (("Q", 0.3), ("K", 0.3), ("V", 1.0))}


def ref(a, S, dtype="float16", **_):
    s = np.einsum("bihd,bjhd->bhij", a["Q"], a["K"]) * np.tril(np.ones((S, S)))
    return {"O": (dtype, np.einsum("bhij,bjhd->bihd", s, a["V"]))}
