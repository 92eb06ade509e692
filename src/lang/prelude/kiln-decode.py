"""The functions of imported source whose meaning is known by name: decoders of packed numbers."""
import kiln
import tilelang.language as T


def _bits_at(src, bit, n):
    """n bits of memory, from this one on"""
    width = kiln.at(src, 0).dtype.bits
    return T.cast(kiln.at(src, bit // width), "int32") >> bit % width & (1 << n) - 1


def _decode_ints(src, dst, count, bits, middle, pairs):
    """packed integers minus a middle value: two by two in halves of a word, or four by four in its bytes"""
    each = 8 // bits
    for e in list(range(count)):
        bit = bits * (e // 2) + 4 * bits * (e % 2) if pairs else 32 * (e // (4 * each)) + bits * (e // 4 % each) + 8 * (e % 4)
        kiln.put(dst, e, _bits_at(src, bit, bits) - middle)


def _decode_fp4(src, dst, words):
    """e2m1, eight in four bytes of which the first is the highest, their bits where shifts and masks bring them to bfloat16's"""
    for w in list(range(words)):
        for e in list(range(8)):
            place = [(15, 8, 7, 6), (12, 5, 4, 3), (9, 2, 1, 0), (14, 11, 10, 13)][e % 4]
            bit = [b + (16 if e < 4 else 0) for b in place]
            sign, high, low, half = [_bits_at(src, 32 * w + 8 * (3 - b // 8) + b % 8, 1) for b in bit]
            power = high << 1 | low
            halves = T.if_then_else(power == 0, half, half + 2 << power - 1)
            size = T.cast(halves, "float32") * 0.5
            kiln.put(dst, 8 * w + e, T.if_then_else(sign != 0, -size, size))


_known = {f"decode_i{bits}{sign}_to_{to}": (bits, 0 if sign == "u" else middle, to == "f16", 8 if to == "f16" else 16)
         for bits, to, middle in [(4, "f16", 8), (2, "f16", 2), (4, "i8s", 7), (2, "i8s", 2)] for sign in "us"}


def decode(name, src, dst, count=None):
    """the functions of imported source whose meaning is _known by name; False for any other"""
    if name == "decode_fp4_to_bf16_twiddling":
        _decode_fp4(src, dst, 8 if count is None else count)
        return True
    if name not in _known:
        return False
    bits, middle, pairs, default = _known[name]
    _decode_ints(src, dst, default if count is None else count, bits, middle, pairs)
    return True
