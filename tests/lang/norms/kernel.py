# kiln: -D rows=64 -D hidden=200
# entry: rms_norm
"""A kernel in the manner of larger code bases: a package, configuration objects, cached factories behind a class."""
import functools
import itertools
import operator

import torch
import tilelang
import tilelang.language as T

from .common import bytes_of, square_sum
from .config import *


class Base:
    registry = {}
    threads = 128

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)

    def __init__(self, config: NormConfig, rows: int):
        self.config, self.rows = config, rows
        self._limit = None

    @property
    def limit(self):
        return self._limit or 48 * 1024

    @limit.setter
    def limit(self, value):
        self._limit = max(value, 1024)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self.kernel()(x)


class Norm(Base):
    def __init__(self, config, rows, *, eps=1e-6):
        super().__init__(config, rows)
        self.eps = eps
        self.limit = functools.reduce(operator.mul, (2, 3, 4), 1024)

    def best(self):
        tiles = [Tile(r, c) for r, c in itertools.product((2, 4, 8, 16), (128, 256)) if not self.config.hidden % c]
        fits = filter(lambda t: bytes_of(t, t, dtype=self.config.dtype) <= self.limit, tiles)
        return max(fits, key=lambda t: (t.size, -t.rows))

    def kernel(self):
        return make(self.config, self.rows, self.best(), self.eps, threads=self.threads << Order.COLS)


@functools.lru_cache(maxsize=32)
def make(config: NormConfig, rows, tile, eps, *, threads):
    dtype, acc = config.dtype, "float32"
    steps = config.hidden // tile.cols
    assert steps * tile.cols == config.hidden, f"{tile=} does not divide {config.hidden:,}"

    @T.prim_func
    def norm(X: T.Tensor((rows, config.hidden), dtype), Y: T.Tensor((rows, config.hidden), dtype)):
        with T.Kernel(T.ceildiv(rows, tile.rows), threads=threads) as row:
            x = T.alloc_shared(tile, dtype)
            xf = T.alloc_fragment(tile, acc)
            part = T.alloc_fragment((tile.rows,), acc)
            total = T.alloc_fragment((tile.rows,), acc)
            mean = T.alloc_var(acc, init=0.0)
            T.clear(total)
            for k in T.Pipelined(steps, num_stages=2):
                T.copy(X[row * tile.rows, k * tile.cols], x)
                T.copy(x, xf)
                square_sum(xf, part, mean, config.kind.centred)
                for i in T.Parallel(tile.rows):
                    total[i] += part[i]
            for k in T.serial(steps):
                T.copy(X[row * tile.rows, k * tile.cols], x)
                for i, j in T.Parallel(*tile):
                    x[i, j] = x[i, j] * T.rsqrt(total[i] * config.scale + eps)
                T.copy(x, Y[row * tile.rows, k * tile.cols])

    return norm


@checked
def rms_norm(hidden, rows, kind="rms"):
    config = NormConfig.of(hidden, dtype=T.bfloat16, kind=Kind(kind))
    assert config.steps == 2 and str(config.kind) == "Kind.RMS" and config.tile == (4, 128)
    return Norm(config, rows, eps=1e-5).kernel()
