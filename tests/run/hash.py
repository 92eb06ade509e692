# run: -D n=200
"""Unsigned numbers that wrap: an xorshift hash of the position, and uniform numbers from its bits."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=200), dict(n=33)]


def hash(n, block=64):
    @T.prim_func
    def main(seed: T.Tensor((1,), "uint32"), H: T.Tensor((n,), "uint32"), U: T.Tensor((n,), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            h = T.alloc_fragment((block,), "uint32")
            for i in T.Parallel(block):
                h[i] = T.cast(b * block + i, "uint32") * T.uint32(2654435761) + seed[0]
            for r in T.serial(3):
                for i in T.Parallel(block):
                    h[i] = h[i] ^ (h[i] << T.uint32(13))
                for i in T.Parallel(block):
                    h[i] = h[i] ^ (h[i] >> T.uint32(17))
                for i in T.Parallel(block):
                    h[i] ^= h[i] << T.uint32(5)
            T.copy(h, H[b * block : (b + 1) * block])
            for i in T.Parallel(block):
                U[b * block + i] = T.reinterpret((h[i] >> T.uint32(9)) | T.uint32(0x3F800000), "float32") - 1.0

    return main


def inputs(rng, n, **_):
    return {"seed": ("uint32", rng.integers(0, 2**32, 1))}


def ref(a, n, **_):
    h = (np.arange(n) * 2654435761 + int(a["seed"][0])) % 2**32
    for _ in range(3):
        h = h ^ (h << 13) % 2**32
        h = h ^ h >> 17
        h = h ^ (h << 5) % 2**32
    return {"H": ("uint32", h.astype(np.uint32)), "U": ("float32", (h >> 9) / 2.0**23)}
