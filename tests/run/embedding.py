# run: -D n=70 -D vocab=50 -D w=72 --input token=range(0,50)
"""Token and position embeddings, added and normalised."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=70, vocab=50, w=72), dict(n=32, vocab=9, w=64, dtype="bfloat16")]


def embedding(n, vocab, w, BN=32, cols=96, dtype="float16"):
    @T.prim_func
    def main(
        token: T.Tensor((n,), "int32"),
        words: T.Tensor((vocab, w), dtype),
        places: T.Tensor((n, w), dtype),
        out: T.Tensor((n, w), dtype),
    ):
        with T.Kernel(T.ceildiv(n, BN), threads=128) as b:
            x = T.alloc_shared((BN, cols), dtype)
            p = T.alloc_shared((BN, cols), dtype)
            f = T.alloc_fragment((BN, cols), "float32")
            q = T.alloc_fragment((BN, cols), "float32")
            s = T.alloc_fragment((BN,), "float32")
            for i, j in T.Parallel(BN, cols):
                x[i, j] = words[token[b * BN + i], j]
            T.copy(places[b * BN, 0], p)
            for i, j in T.Parallel(BN, cols):
                f[i, j] = T.cast(x[i, j], "float32") + T.cast(p[i, j], "float32")
            for i, j in T.Parallel(BN, cols):
                q[i, j] = f[i, j] * f[i, j]
            T.reduce_sum(q, s, dim=1)
            for i, j in T.Parallel(BN, cols):
                f[i, j] = f[i, j] * T.rsqrt(s[i] / w + 1e-6)
            T.copy(f, out[b * BN, 0])

    return main


def inputs(rng, n, vocab, w, dtype="float16", **_):
    return {"token": ("int32", rng.integers(0, vocab, n)), "words": (dtype, rng.standard_normal((vocab, w))),
            "places": (dtype, rng.standard_normal((n, w)))}


def ref(a, dtype="float16", **_):
    x = a["words"][a["token"]] + a["places"]
    return {"out": (dtype, x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-6))}
