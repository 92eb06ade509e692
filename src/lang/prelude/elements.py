"""T. functions of elements that are made of others."""
import tilelang.language as T


def match_any_sync(value, mask):
    same = T.uint32(0)
    for lane in list(range(32)):
        same = same | T.if_then_else(T.shfl_sync(value, lane) == value, T.uint32(1 << lane), T.uint32(0))
    return same


def match_all_sync(value, mask):
    return T.if_then_else(T.all_sync(value == T.shfl_sync(value, 0)), T.activemask(), T.uint32(0))


def __ffs(value):
    x = T.uint32(value) if isinstance(value, int) else T.cast(value, "uint64" if value.dtype.bits == 64 else "uint32")
    return T.if_then_else(x == 0, 0, T.cast(T.popcount(x ^ x - 1), "int32"))


def __fns(mask, base, offset):
    """the bit that is set, from `base` on, after offset - 1 others"""
    x, found = T.cast(mask, "uint32"), T.uint32(0xFFFFFFFF)
    assert isinstance(base, int) and isinstance(offset, int) and 0 <= base < 32 and offset > 0, "T.__fns takes constants, and looks upwards"
    for bit in list(range(31, base - 1, -1)):
        below = T.popcount(x & T.uint32((1 << bit) - (1 << base)))
        found = T.if_then_else((x & T.uint32(1 << bit) != 0) & (below == offset - 1), T.uint32(bit), found)
    return found
