"""Functions of elements that are made of others."""
import kiln
import tilelang.language as T


def clamp(dst, min_val, max_val):
    """x, but at least low and at most high"""
    return T.min(T.max(dst, min_val), max_val)


def isnan(x):
    """x is not a number"""
    return kiln.value(x) != x


def _has_infinity(x):
    return x.dtype.is_floating_point and x.dtype not in ("float8_e4m3fn", "float8_e8m0fnu", "float4_e2m1fn")


def isinf(x):
    """x is infinite"""
    x = kiln.value(x)
    return T.abs(x) == T.infinity(x.dtype) if _has_infinity(x) else False


def isfinite(x):
    """x is neither infinite nor not a number"""
    x = kiln.value(x)
    if _has_infinity(x):
        return T.abs(x) < T.infinity(x.dtype)
    return x == x if x.dtype.is_floating_point else True


def __ldg(buffer, index=None):
    """an element that nobody writes"""
    return kiln.at(buffer, 0 if index is None else index)
