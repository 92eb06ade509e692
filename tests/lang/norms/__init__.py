from .config import *
from . import kernel

__all__ = ["NormConfig", "kernel"]
