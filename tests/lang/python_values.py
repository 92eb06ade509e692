# kiln: -D rows=64
# the Python that runs at compile time: classes, closures, comprehensions, modules
import functools
import math
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Optional

import torch
import tilelang
import tilelang.language as T
from tilelang import language as TL

unknown = torch.randn(3)  # never asked for
SIZES = [16 * k for k in range(1, 5) if k != 3]
TABLE = {"float16": 4, T.float32: 8}
TABLE["int8"] = SIZES[-1]
SIZES.append(max(SIZES) * 2)


class Act(Enum):
    NONE = 0
    RELU = 1


class Pair(NamedTuple):
    a: int
    b: int = 7


@dataclass
class Config:
    block: int
    stages: int = 2
    tags: list = field(default_factory=list)

    @property
    def area(self):
        return self.block ** 2

    def scaled(self, by: float) -> float:
        return self.area * by


class Base:
    kind = "base"

    def __init__(self, n, *rest, **more):
        self.n, self.rest = n, rest
        self.more = more.get("x", -1)

    def __add__(self, other):
        return Base(self.n + other.n)


class Child(Base):
    @staticmethod
    def twice(x):
        return 2 * x


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def choose(kind: Optional[str] = None):
    try:
        names = dict(zip("abc", (1, 2, 3)), d=4)
    finally:
        total = 0
    for k, v in sorted(names.items(), key=lambda kv: -kv[1]):
        if v == 1:
            break
        total += v
    else:
        total = -1
    while total > 5:
        total -= 3
    return total


@tilelang.jit(out_idx=[-1], pass_configs={tilelang.PassConfigKey.TL_ENABLE_FAST_MATH: True})
def python_values(rows, act=Act.RELU, dtype="float32"):
    cfg = Config(block=32, stages=3)
    assert cfg.area == 1024 and cfg.scaled(0.5) == 512.0, f"{cfg}"
    pair, child = Pair(a=1), Child(3, 4, x=5) + Base(2)
    a, *others = pair.a, pair.b, *SIZES
    said = f"{rows:>5}|{math.pi:.3f}|{dtype!r}|{a:#x}|{'%'}|{tilelang.cdiv(rows, 48)}"
    assert said == "   64|3.142|'float32'|0x1|%|2", said
    scale = (1.0 / rows) ** 0.5
    numbers = (fib(10), choose(), len(others), TABLE[dtype], TABLE["int8"], child.n, Child.twice(4), Child.kind == "base",
               sum(x for x in others), min(3, *others), -7 // 2, -7 % 3, 7 / 2, 2 ** -1, 1 << 40, 10 if act is Act.RELU else 20,
               any([0, "", None]), [y for x in [[1], [2, 3]] for y in x][1:], {k: v for k, v in zip("xy", others)}["y"], round(2.5),
               "a,b".split(",")[-1].upper(), isinstance(scale, float), int("12") + int(3.9), divmod(7, 2)[1], 0 < a < 2)
    flat = [float(x) if isinstance(x, (int, float)) else float(len(x)) for x in numbers]

    def emit(out, at):
        for k, x in enumerate(flat):
            out[at, k] = x

    emit_macro = T.macro(emit)

    @T.prim_func
    def main(A: T.Tensor((rows, 32), dtype), B: TL.Tensor[(rows, 32), dtype]):
        with T.Kernel(T.ceildiv(rows, cfg.block), threads=128) as bx:
            emit_macro(B, bx * cfg.block)
            B[bx, 31] = A[bx, 31] * scale

    return main
