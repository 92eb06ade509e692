# run: -D S=100 -D D=32 -D E=64
"""Two launches over chunks: each chunk's state by a product of transposed tiles, then a serial scan of the states with decay."""
import numpy as np
import tilelang.language as T

CASES = [dict(S=100, D=32, E=64), dict(S=32, D=64, E=32)]


def chunks(S, D, E, BC=32, dtype="bfloat16"):
    C = T.ceildiv(S, BC)

    @T.prim_func
    def main(K: T.Tensor((S, D), dtype), V: T.Tensor((S, E), dtype), decay: T.Tensor((C,), "float32"), H: T.Tensor((C, D, E), "float32")):
        local = T.alloc_global((C, D, E), "float32")

        with T.Kernel(C, threads=128) as c:
            k = T.alloc_shared((BC, D), dtype)
            v = T.alloc_shared((BC, E), dtype)
            h = T.alloc_fragment((D, E), "float32")
            T.copy(K[c * BC, 0], k)
            T.copy(V[c * BC, 0], v)
            T.gemm(k, v, h, transpose_A=True, clear_accum=True)
            T.copy(h, local[c, :, :])

        with T.Kernel(T.ceildiv(E, 32), threads=128) as e:
            s = T.alloc_fragment((D, 32), "float32")
            x = T.alloc_shared((D, 32), "float32")
            T.clear(s)
            for c in T.Pipelined(C, num_stages=2):
                T.copy(local[c, :, e * 32 : (e + 1) * 32], x)
                g = decay[c]
                for i, j in T.Parallel(D, 32):
                    s[i, j] = s[i, j] * g + x[i, j]
                T.copy(s, H[c, :, e * 32 : (e + 1) * 32])

    return main


def inputs(rng, S, D, E, BC=32, **_):
    return {"K": ("bfloat16", rng.standard_normal((S, D))), "V": ("bfloat16", rng.standard_normal((S, E))), "decay": ("float32", rng.uniform(0.5, 1, -(-S // BC)))}


def ref(a, S, D, E, BC=32, **_):
    out, h = [], np.zeros((D, E))
    for c, k in enumerate(range(0, S, BC)):
        h = h * a["decay"][c] + a["K"][k : k + BC].T @ a["V"][k : k + BC]
        out.append(h)
    return {"H": ("float32", np.stack(out))}
