"""Numbers that carry how far a right kernel may be from them. A reference is written once, from the operator's formula, on these: the value is
computed in float64, and beside it an absolute bound of the error that a kernel makes which computes the same formula in float32 (or says
otherwise with `.to(type)` where the operator's definition rounds). The bounds are those of the textbook (Higham, Accuracy and Stability, ch. 3):
each operation adds half a unit in the last place of its result, a sum of n terms n of them times the sum of the magnitudes, in any order.
No tolerance is written by hand anywhere: it follows from types and lengths.

    a = num(array)                      exact, as the type of the input holds it
    a + b, a - b, a * b, a / b, -a, a @ b, a[i], a.T, a.reshape(..), a.sum(axis), a.max(axis), a.to("float16")
    einsum("bqhd,bkhd->bhqk", q, k), exp, exp2, log, log2, sqrt, rsqrt, sigmoid, maximum, where(mask, a, b), absolute, cumsum, concat, stack
    a.any_value(mask)                   where mask holds the kernel may write what it likes (padding, say)
"""
import math
import numpy as np

# half a unit in the last place, relative; and half of the smallest number, absolute
UNIT = {"float64": 2.0 ** -53, "float32": 2.0 ** -24, "tfloat32": 2.0 ** -11, "float16": 2.0 ** -11, "bfloat16": 2.0 ** -8, "float8_e4m3fn": 2.0 ** -4,
        "float8_e4m3": 2.0 ** -4, "float8_e5m2": 2.0 ** -3, "float4_e2m1fn": 2.0 ** -2}
TINY = {"float64": 2.0 ** -1075, "float32": 2.0 ** -150, "tfloat32": 2.0 ** -127, "float16": 2.0 ** -25, "bfloat16": 2.0 ** -134,
        "float8_e4m3fn": 2.0 ** -10, "float8_e4m3": 2.0 ** -10, "float8_e5m2": 2.0 ** -17, "float4_e2m1fn": 0.25}
U = UNIT["float32"]
ELEMENTARY = 4 * U          # exp, log, rsqrt, ... of any machine: a few units in the last place


class Num:
    """x: float64 array; e: bound of the absolute error, same shape"""
    __array_priority__ = 100
    __slots__ = ("x", "e")

    def __init__(self, x, e=0.0):
        self.x = np.asarray(x, np.float64)
        self.e = np.broadcast_to(np.asarray(e, np.float64), self.x.shape)

    shape = property(lambda self: self.x.shape)
    ndim = property(lambda self: self.x.ndim)
    size = property(lambda self: self.x.size)
    T = property(lambda self: Num(self.x.T, self.e.T))

    def __len__(self):
        return len(self.x)

    def __getitem__(self, at):
        return Num(self.x[at], self.e[at])

    def __setitem__(self, at, v):
        v = num(v)
        if not self.e.flags.writeable:
            self.e = self.e.copy()
        self.x[at], self.e[at] = v.x, v.e

    def copy(self):
        return Num(self.x.copy(), self.e.copy())

    def reshape(self, *shape):
        return Num(self.x.reshape(*shape), self.e.reshape(*shape))

    def transpose(self, *axes):
        return Num(self.x.transpose(*axes), self.e.transpose(*axes))

    def swapaxes(self, a, b):
        return Num(self.x.swapaxes(a, b), self.e.swapaxes(a, b))

    def repeat(self, n, axis):
        return Num(self.x.repeat(n, axis), self.e.repeat(n, axis))

    def to(self, dtype):
        """rounded to a type once; what an exact value of that type would lose is counted too, which is harmless"""
        return Num(self.x, self.e + _finite(UNIT[dtype] * (np.abs(self.x) + self.e)) + TINY[dtype])

    def any_value(self, mask):
        return Num(self.x, np.where(np.broadcast_to(mask, self.shape), np.inf, self.e))

    def __neg__(self):
        return Num(-self.x, self.e)

    def __add__(self, o):
        o = num(o)
        with np.errstate(invalid="ignore"):
            x = self.x + o.x
        return _round(x, self.e + o.e)

    __radd__ = __add__

    def __sub__(self, o):
        return self + -num(o)

    def __rsub__(self, o):
        return num(o) + -self

    def __mul__(self, o):
        o = num(o)
        with np.errstate(invalid="ignore"):
            return _round(self.x * o.x, _finite(np.abs(self.x)) * o.e + self.e * _finite(np.abs(o.x)) + self.e * o.e)

    __rmul__ = __mul__

    def __truediv__(self, o):
        o = num(o)
        with np.errstate(divide="ignore", invalid="ignore"):
            x = self.x / o.x
            low = np.abs(o.x) - o.e
            e = np.where(low > 0, (self.e + _finite(np.abs(x)) * o.e) / low, np.inf)
        return _round(x, e)

    def __rtruediv__(self, o):
        return num(o) / self

    def __matmul__(self, o):
        o = num(o)
        a, b = np.abs(self.x), np.abs(o.x)
        return Num(self.x @ o.x, a @ o.e + self.e @ b + self.e @ o.e + _gamma(self.shape[-1]) * ((a + self.e) @ (b + o.e)))

    def __rmatmul__(self, o):
        return num(o) @ self

    def sum(self, axis=None, keepdims=False):
        n = self.size if axis is None else int(np.prod([self.shape[k] for k in np.atleast_1d(axis)]))
        total = lambda v: v.sum(axis=axis, keepdims=keepdims)
        return Num(total(self.x), total(self.e) + _gamma(n) * total(np.abs(self.x) + self.e))

    def max(self, axis=None, keepdims=False):
        return Num(self.x.max(axis=axis, keepdims=keepdims), self.e.max(axis=axis, keepdims=keepdims))

    def min(self, axis=None, keepdims=False):
        return -((-self).max(axis, keepdims))

    def mean(self, axis=None, keepdims=False):
        n = self.size if axis is None else int(np.prod([self.shape[k] for k in np.atleast_1d(axis)]))
        return self.sum(axis, keepdims) * (1.0 / max(n, 1))


def num(v):
    return v if isinstance(v, Num) else Num(v)


def _finite(x):
    return np.where(np.isfinite(x), x, 0.0)


def _gamma(n):
    return n * U / (1 - n * U)


def _round(x, e, unit=U):
    """one operation's own rounding on top of what came in"""
    return Num(x, e + unit * (_finite(np.abs(x)) + e))


def einsum(spec, *operands):
    """of one or two operands; the contracted length follows from the letters"""
    operands = [num(o) for o in operands]
    left, right = spec.split("->")
    sizes = {c: n for names, o in zip(left.split(","), operands) for c, n in zip(names, o.shape)}
    n = int(np.prod([sizes[c] for c in sizes if c not in right]))
    go = lambda *v: np.einsum(spec, *v, optimize=True)
    x = go(*[o.x for o in operands])
    high = go(*[np.abs(o.x) + o.e for o in operands])
    e = high - go(*[np.abs(o.x) for o in operands]) if any(o.e.any() for o in operands) else 0.0
    return Num(x, np.maximum(e, 0) + _gamma(n + len(operands) - 1) * high)


def _monotone(f, slope):
    """an elementary function; slope(x, e): a bound of |f'| within e of x"""
    def apply(v):
        v = num(v)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            x = f(v.x)
            s = slope(v.x, v.e)
            e = np.where(v.e == 0, 0.0, s * v.e)
        return _round(x, e, ELEMENTARY)
    return apply


exp = _monotone(np.exp, lambda x, e: np.exp(x + e))
exp2 = _monotone(np.exp2, lambda x, e: math.log(2) * np.exp2(x + e))
log = _monotone(np.log, lambda x, e: np.where(x - e > 0, 1 / (x - e), np.inf))
log2 = _monotone(np.log2, lambda x, e: np.where(x - e > 0, 1 / (x - e) / math.log(2), np.inf))
sqrt = _monotone(np.sqrt, lambda x, e: np.where(x - e > 0, 0.5 / np.sqrt(x - e), np.inf))
rsqrt = _monotone(lambda x: 1 / np.sqrt(x), lambda x, e: np.where(x - e > 0, 0.5 * (x - e) ** -1.5, np.inf))
sigmoid = _monotone(lambda x: 1 / (1 + np.exp(-x)), lambda x, e: 0.25)
tanh = _monotone(np.tanh, lambda x, e: 1.0)
absolute = lambda v: Num(np.abs(num(v).x), num(v).e)


def maximum(a, b):
    a, b = num(a), num(b)
    return Num(np.maximum(a.x, b.x), np.maximum(a.e, b.e))


def minimum(a, b):
    return -maximum(-num(a), -num(b))


def where(mask, a, b):
    a, b = num(a), num(b)
    return Num(np.where(mask, a.x, b.x), np.where(mask, a.e, b.e))


def concat(parts, axis=0):
    parts = [num(p) for p in parts]
    return Num(np.concatenate([p.x for p in parts], axis), np.concatenate([p.e for p in parts], axis))


def stack(parts, axis=0):
    parts = [num(p) for p in parts]
    return Num(np.stack([p.x for p in parts], axis), np.stack([p.e for p in parts], axis))


def cumsum(v, axis):
    v = num(v)
    n = v.shape[axis]
    return Num(v.x.cumsum(axis), v.e.cumsum(axis) + _gamma(n) * (np.abs(v.x) + v.e).cumsum(axis))


def softmax(s):
    """over the last axis, as the definition says; shifting a row by any number changes nothing, so only how far the scores are off counts. A row
    of -inf gives 0. A kernel that shifts by the maximum it has seen so far rescales at every step: its factor carries twice the error of a score."""
    s = num(s)
    if s.shape[-1] == 0:
        return s
    top = s.x.max(-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    off = (s.e + U * _finite(np.abs(s.x))).max(-1, keepdims=True) * 2       # of the difference of a score and the maximum
    p = np.exp(s.x - top)
    total = p.sum(-1, keepdims=True)
    x = np.where(total > 0, p / np.where(total > 0, total, 1), 0.0)
    relative = np.expm1(2 * off) + _gamma(s.shape[-1]) + 4 * ELEMENTARY
    return Num(x, x * relative)


def logsumexp(s):
    """natural logarithm of the sum of exponentials over the last axis"""
    s = num(s)
    top = s.x.max(-1, keepdims=True)
    base = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        x = (base + np.log(np.exp(s.x - base).sum(-1, keepdims=True)))[..., 0]
    off = (s.e + U * _finite(np.abs(s.x))).max(-1) * 2
    return _round(x, off + _gamma(s.shape[-1]) + 4 * ELEMENTARY + ELEMENTARY * _finite(np.abs(x)), U)
