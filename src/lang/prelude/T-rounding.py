"""Arithmetic with a rounding that is asked for."""
import kiln
import tilelang.language as T


def _check_rounding(rounding_mode):
    if rounding_mode in ("rz", "ru", "rd"):
        kiln.fail("E0901", "rounding to another side than the nearest number", 'rounding_mode="rn"', at="rounding_mode")
    if rounding_mode not in ("rn", None):
        kiln.fail("E0205", f"there is no rounding mode '{rounding_mode}'", "rn, rz, ru, rd", at="rounding_mode")


def fma(x, y, z):
    """x * y + z, rounded once: the product of two floats of 32 bits is exact in 64"""
    total = kiln.value(T.add(T.mul(x, y), z))
    if not total.dtype.is_floating_point or total.dtype == "float64":
        return total
    return T.cast(T.add(T.mul(T.cast(x, "float64"), T.cast(y, "float64")), T.cast(z, "float64")), total.dtype)


def fast_rcp(x):
    """1 / x"""
    return T.div(1.0, x)


def ieee_add(x, y, rounding_mode="rn"):
    """x + y"""
    _check_rounding(rounding_mode)
    return T.add(x, y)


def ieee_sub(x, y, rounding_mode="rn"):
    """x - y"""
    _check_rounding(rounding_mode)
    return T.sub(x, y)


def ieee_mul(x, y, rounding_mode="rn"):
    """x * y"""
    _check_rounding(rounding_mode)
    return T.mul(x, y)


def ieee_fdiv(x, y, rounding_mode="rn"):
    """x / y"""
    _check_rounding(rounding_mode)
    return T.div(x, y)


def ieee_fsqrt(x, rounding_mode="rn"):
    """the square root"""
    _check_rounding(rounding_mode)
    return T.sqrt(x)


def ieee_fmaf(x, y, z, rounding_mode="rn"):
    """x * y + z, rounded once"""
    _check_rounding(rounding_mode)
    return fma(x, y, z)


def ieee_frcp(x, rounding_mode="rn"):
    """1 / x"""
    _check_rounding(rounding_mode)
    return fast_rcp(x)
