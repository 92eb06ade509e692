# run: -D n=100 --input B=range(1,9)
"""Whole numbers as Python has them: division and remainder round down, shifts keep the sign, bits are two's complement."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=100), dict(n=33, dtype="int64", _not={"mock"}), dict(n=33, dtype="int16"), dict(n=40, dtype="int8")]


def integers(n, block=32, dtype="int32"):
    @T.prim_func
    def main(A: T.Tensor((n,), dtype), B: T.Tensor((n,), dtype), Y: T.Tensor((12, n), dtype)):
        with T.Kernel(T.ceildiv(n, block), threads=128) as bx:
            for t in T.Parallel(block):
                i = bx * block + t
                if i < n:
                    a = A[i]
                    b = B[i]
                    Y[0, i] = a // b
                    Y[1, i] = a % b
                    Y[2, i] = (-a) // b
                    Y[3, i] = a % (-b)
                    Y[4, i] = a >> (b % 4)
                    Y[5, i] = (a & 15) << (b % 3)
                    Y[6, i] = (a ^ b) & ~b
                    Y[7, i] = a | b
                    Y[8, i] = T.truncdiv(a, b)
                    Y[9, i] = T.truncmod(a, b)
                    Y[10, i] = T.max(a, b) - T.min(a, b)
                    Y[11, i] = T.abs(a) * 3 - b

    return main


def inputs(rng, n, dtype="int32", **_):
    return {"A": (dtype, rng.integers(-30, 30, n)), "B": (dtype, rng.integers(1, 9, n))}


def ref(a, dtype="int32", **_):
    a, b = (a[k].astype(np.int64) for k in "AB")
    trunc = np.sign(a) * (np.abs(a) // b)
    rows = [a // b, a % b, -a // b, a % -b, a >> (b % 4), (a & 15) << (b % 3), (a ^ b) & ~b, a | b, trunc, a - trunc * b,
            np.maximum(a, b) - np.minimum(a, b), np.abs(a) * 3 - b]
    return {"Y": (dtype, np.stack(rows).astype(dtype))}
