# run: -D src=int32 -D dst=bfloat16
"""From any type to any type: by T.cast, by a copy, by storing."""
import numpy as np
import tilelang.language as T

FLOATS = ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"]
INTS = ["int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"]
ALL = FLOATS + INTS + ["bool"]
WIDE = {"float64", "int64", "uint64"}  # the chip has no format for them
CASES = [dict(src=s, dst=t, _not={"mock"} if {s, t} & WIDE else ()) for k, s in enumerate(ALL) for t in (ALL * 2)[k + 1 : k + 12 : 3]]


def casts(src, dst, n=100, block=64):
    @T.prim_func
    def main(X: T.Tensor((n,), src), Y: T.Tensor((n,), dst), Z: T.Tensor((n,), dst), W: T.Tensor((n,), dst)):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            x = T.alloc_shared((block,), src)
            y = T.alloc_fragment((block,), dst)
            T.copy(X[b * block : (b + 1) * block], x)
            T.copy(x, y)
            T.copy(y, Y[b * block : (b + 1) * block])
            for i in T.Parallel(block):
                Z[b * block + i] = T.cast(X[b * block + i], dst)
            for i in T.Parallel(block):
                W[b * block + i] = x[i]

    return main


def bounds(t):
    if t == "bool":
        return 0, 1
    if t in FLOATS:
        return {"float8_e4m3fn": (-400, 400), "float8_e5m2": (-1000, 1000)}.get(t, (-5000, 5000))
    info = np.iinfo(t)
    return max(info.min, -5000), min(info.max, 5000)


def inputs(rng, src, dst, n=100, **_):
    (lo, hi), (lo2, hi2) = bounds(src), bounds(dst if dst != "bool" else "int32")
    lo, hi = max(lo, lo2), min(hi, hi2)
    if src in FLOATS[2:]:
        lo, hi = lo * 0.75, hi * 0.75  # rounding must not leave the other type
    x = rng.uniform(lo, hi, n) * rng.choice([1, 0.01], n) if src in FLOATS else rng.integers(lo, hi + 1, n)
    if lo >= 0:
        x = np.abs(x)
    x[:3] = 0, lo, hi
    return {"X": (src, x)}


def ref(a, src, dst, **_):
    x = a["X"]
    if dst == "bool":
        y = x != 0
    elif dst in FLOATS:
        y = x.astype(np.float64)
    else:
        y = np.trunc(x).astype(dst) if src in FLOATS else x.astype(dst)
    return {n: (dst, y) for n in ("Y", "Z", "W")}
