"""Kernels that call kernels: eager ones whose sizes come from what is passed, lazy ones with sizes left open and with out_idx, in a
plain function that launches nothing itself. What is passed on lives between the launches."""
import functools
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(n=70, _kernel="both"), dict(n=5, _kernel="both"), dict(_kernel="deep", M=70), dict(_kernel="deep", M=33),
         dict(_kernel="mixed")]
OPEN = {"n"}

rows = T.dynamic("rows")


@tilelang.jit
def scale(A, s: float = 2.0, block=32):
    M, N = T.const("M, N")
    half = N // 2
    A: T.Tensor((M, N), "float32")
    B = T.empty((M, half), "float32")
    with T.Kernel(T.ceildiv(M, block), T.ceildiv(half, block)) as (bx, by):
        for i, j in T.Parallel(block, block):
            if by * block + j < half:
                B[bx * block + i, by * block + j] = A[bx * block + i, by * block + j] * s
    return B


@tilelang.jit
def row_sum(A):
    M, N = T.const("M, N")
    A: T.Tensor((M, N), "float32")
    r = T.empty((M,), "float32")
    with T.Kernel(T.ceildiv(M, 32)) as bx:
        a = T.alloc_shared((32, N), "float32")
        f = T.alloc_fragment((32,), "float32")
        T.copy(A[bx * 32, 0], a)
        T.reduce_sum(a, f, dim=1)
        T.copy(f, r[bx * 32])
    return r


@functools.lru_cache
@tilelang.jit(out_idx=[-1])
def add_bias(width, dtype="float32"):
    @T.prim_func
    def kernel(A: T.Tensor((rows, width), dtype), b: T.float32, B: T.Tensor((rows, width), dtype)):
        with T.Kernel(T.ceildiv(rows, 32)) as bx:
            for i, j in T.Parallel(32, width):
                B[bx * 32 + i, j] = A[bx * 32 + i, j] + b

    return kernel


n = T.dynamic("n")


def both(x: T.Tensor((n, 64), "float32")):
    y = scale(x, s=3.0)
    return y, row_sum(y)


@tilelang.jit
def twice(A):
    M, N = T.const("M, N")
    A: T.Tensor((M, N), "float32")
    return add_bias(N)(add_bias(N)(A, 1.0), 0.5)


@tilelang.jit
def deep(x):
    M = T.const("M")
    x: T.Tensor((M, 64), "float32")
    y = twice(x)
    z = scale(y, block=16)
    out = T.empty((M,), "float32")
    s = row_sum(z)
    with T.Kernel(T.ceildiv(M, 32)) as bx:
        for i in T.Parallel(32):
            out[bx * 32 + i] = s[bx * 32 + i] + y[bx * 32 + i, 1]
    return out


class Block:
    def __init__(self, width):
        self.width = width
        self.bias = add_bias(width)

    def __call__(self, x):
        return self.bias(scale(x), 0.25)


def mixed(x: T.Tensor((40, 64), "float32"), out: T.Tensor((40,), "float32")):
    @T.prim_func
    def last(A: T.Tensor((40, 32), "float32"), r: T.Tensor((40,), "float32")):
        with T.Kernel(40) as b:
            for i in T.Parallel(1):
                r[b] = A[b, 3] - A[b, 2]

    last(Block(32)(x), out)


def inputs(rng, _kernel="", n=0, M=0):
    return {"x": ("float32", rng.standard_normal((n or M or 40, 64)))}


def ref(a, n=0, M=0):
    x = a["x"]
    if n:
        return {"B": ("float32", x[:, :32] * 3), "r": ("float32", (x[:, :32] * 3).sum(1))}
    if M:
        y = x + 1.5
        return {"out": ("float32", (y[:, :32] * 2).sum(1) + y[:, 1])}
    y = x[:, :32] * 2 + 0.25
    return {"out": ("float32", y[:, 3] - y[:, 2])}
