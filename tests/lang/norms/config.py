"""What the kernels of this package are configured by."""
from __future__ import annotations

import dataclasses
import enum
import functools
import logging
from typing import TYPE_CHECKING, NamedTuple, Optional

from tilelang import language as T

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)
BITS = {T.float16: 16, T.bfloat16: 16, T.float32: 32}


class Kind(enum.Enum):
    RMS = "rms"
    LAYER = "layer"

    @property
    def centred(self):
        return self is Kind.LAYER


class Order(enum.IntEnum):
    ROWS = 0
    COLS = enum.auto()


class Tile(NamedTuple):
    rows: int
    cols: int = 128

    @property
    def size(self) -> int:
        return self.rows * self.cols


class Invalid(ValueError):
    def __init__(self, what, *, got):
        super().__init__(f"{what}: {got!r}")
        self.got = got


@dataclasses.dataclass(frozen=True)
class NormConfig:
    hidden: int
    dtype: "str | T.dtype" = T.float16
    kind: Kind = Kind.RMS
    tile: Tile = Tile(4)
    extra: dict = dataclasses.field(default_factory=dict)
    scale: float = dataclasses.field(init=False, default=0.0)

    def __post_init__(self):
        if self.hidden % self.tile.cols:
            raise Invalid("hidden is no multiple of the tile", got=self.hidden)
        object.__setattr__(self, "scale", 1.0 / self.hidden)

    @classmethod
    def of(cls, hidden, **changes):
        return dataclasses.replace(cls(hidden), **changes)

    @functools.cached_property
    def steps(self):
        return self.hidden // self.tile.cols


def checked(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        logger.info("making %s", func.__name__)
        try:
            return func(*args, **kwargs)
        except Invalid as e:
            return func(128 * -(-e.got // 128), *args[1:], **kwargs)
        finally:
            logger.debug("done")

    return wrapper
