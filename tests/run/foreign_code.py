# run: -D n=70
"""A file as people have them: imports, classes, a reference in another library, tests under main. All of it is read, none of it runs."""
from __future__ import annotations
import argparse
import functools
from dataclasses import dataclass, field
from typing import Callable, Optional
import numpy as np
import tilelang
import tilelang.language as T

CASES = [dict(n=70)]


@dataclass
class Config:
    block: int = 32
    names: list[str] = field(default_factory=list)

    @property
    def wide(self) -> int:
        return self.block * 2


def benchmark(f: Callable, *args, repeat: int = 10, **kwargs) -> Optional[float]:
    try:
        best = min(f(*args, **kwargs) for _ in range(repeat))
    except (RuntimeError, ValueError) as e:
        print(f"failed: {e!r:>20} {repeat=}")
        return None
    else:
        return best * 1e3 if best is not None and (n := len(args)) > 0 else [*args][::-1]
    finally:
        del repeat


async def never(x):
    async with x as y:
        yield await y
    match x:
        case {"a": 1, **rest} if rest:
            global G
        case [1, 2, *_] | None:
            pass
        case Config(block=b):
            raise ValueError("no") from None
        case _:
            lambda *a, k=1, **kw: {**kw, "k": k, **{i: j for i, j in a if i}}


def factory(n, block=32):
    @tilelang.jit(out_idx=-1, pass_configs={tilelang.PassConfigKey.TL_ENABLE_FAST_MATH: True})
    def scaled(by: float = 3.0):
        @T.prim_func
        def main(X: T.Tensor([n], T.float32), Y: T.Tensor([n], T.float32)):
            """a comment"""
            with T.Kernel(T.ceildiv(n, block), threads=128) as b:
                T.use_swizzle(panel_size=10)
                for i in T.Parallel(block):
                    Y[b * block + i] = X[b * block + i] * by

        return main

    return scaled()


def inputs(rng, n, **_):
    return {"X": ("float32", rng.standard_normal(n))}


def ref(a, **_):
    return {"Y": ("float32", a["X"] * 3)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=1 << 10)
    args, rest = parser.parse_known_args()
    assert np.allclose(factory(args.n)(np.ones(args.n)), 3), "no"
