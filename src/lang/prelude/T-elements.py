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


def truncdiv(x, y):
    """the quotient, rounded to zero: the one rounded down, and one more where the signs differ and something is left over"""
    floor = T.floordiv(x, y)
    return T.add(floor, T.cast(T.And(T.ne(T.floormod(x, y), 0), T.ne(T.lt(x, 0), T.lt(y, 0))), kiln.value(floor).dtype))


def truncmod(x, y):
    """the remainder of truncdiv"""
    return T.sub(x, T.mul(truncdiv(x, y), y))


def align_up(x, y):
    """the least multiple of y that is not less than x"""
    return T.ceildiv(x, y) * y


def __ldg(buffer, index=None):
    """an element that nobody writes"""
    return kiln.at(buffer, 0 if index is None else index)


def __ffs(value):
    """the first bit set, counted from 1; 0: none"""
    x = T.uint32(value) if isinstance(value, int) else T.cast(value, "uint64" if value.dtype.bits == 64 else "uint32")
    return T.if_then_else(x == 0, 0, T.cast(T.popcount(x ^ x - 1), "int32"))


def __fns(mask, base, offset):
    """the n-th bit set: from `base` on, after offset - 1 others"""
    x, found = T.cast(mask, "uint32"), T.uint32(0xFFFFFFFF)
    assert isinstance(base, int) and isinstance(offset, int) and 0 <= base < 32 and offset > 0, "T.__fns takes constants, and looks upwards"
    for bit in list(range(31, base - 1, -1)):
        below = T.popcount(x & T.uint32((1 << bit) - (1 << base)))
        found = T.if_then_else((x & T.uint32(1 << bit) != 0) & (below == offset - 1), T.uint32(bit), found)
    return found
