"""Integers: division, bits."""
import kiln
import tilelang.language as T


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
