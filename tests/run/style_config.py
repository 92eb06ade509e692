"""Configuration objects read inside of a kernel: dataclasses, enumerations, properties, dictionaries of types, keyword-only arguments."""
import enum
import functools
from dataclasses import dataclass
from typing import NamedTuple
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(n=100, name="wide", _kernel="factory"), dict(n=33, name="narrow", _kernel="factory")]


class Kind(enum.Enum):
    DOUBLE = 2
    TRIPLE = 3


class Shape(NamedTuple):
    rows: int
    cols: int = 4


@dataclass(frozen=True)
class Config:
    block: int
    kind: Kind = Kind.DOUBLE
    dtype: str = "float32"

    @property
    def half(self):
        return self.block // 2

    def shape(self, n):
        return Shape(T.ceildiv(n, self.block))


CONFIGS = {"wide": Config(64), "narrow": Config(block=32, kind=Kind.TRIPLE, dtype="float16")}
ACCUM = {"float32": T.float32, "float16": T.float32}


@functools.lru_cache(maxsize=None)
def pick(name: str) -> Config:
    return CONFIGS[name]


class Wrapper:
    def __init__(self, name, /, *, bias=0.0):
        self.config = pick(name)
        self.bias = bias

    def kernel(self, n):
        c, bias = self.config, self.bias
        shape = c.shape(n)
        assert shape.cols == 4 and isinstance(shape.rows, int), f"{shape.rows=}"

        @T.prim_func
        def main(X: T.Tensor((n,), c.dtype), Y: T.Tensor((n,), c.dtype)):
            with T.Kernel(shape.rows, threads=128) as b:
                x = T.alloc_fragment((2, c.half), ACCUM[c.dtype])
                for i, j in T.Parallel(2, c.half):
                    x[i, j] = X[b * c.block + i * c.half + j]
                if c.kind is Kind.TRIPLE:
                    for i, j in T.Parallel(2, c.half):
                        x[i, j] = x[i, j] * c.kind.value + bias
                elif c.kind == Kind.DOUBLE:
                    for i, j in T.Parallel(2, c.half):
                        x[i, j] = x[i, j] * 2 - bias
                for i, j in T.Parallel(2, c.half):
                    Y[b * c.block + i * c.half + j] = x[i, j]

        return main


def factory(n, name):
    return Wrapper(name, bias=0.5).kernel(n)


def inputs(rng, n, name):
    return {"X": ("float32" if name == "wide" else "float16", rng.standard_normal(n))}


def ref(a, name, **_):
    return {"Y": ("float32", a["X"] * 2 - 0.5) if name == "wide" else ("float16", a["X"] * 3 + 0.5)}
