"""What handlers of the dialect ask for: bits in lanes of another width, a number for many elements."""
import kiln
import tilelang.language as T


def bits(value, dtype):
    """the same bits in lanes of another type: a list of them"""
    lanes, dtype = kiln.lanes(value), T.dtype(dtype)
    have, want = lanes[0].dtype.bits, dtype.bits
    if have < 8 or want < 8 or have * len(lanes) % want:
        kiln.fail("E0302", f"T.reinterpret keeps the width: {have * len(lanes)} bits are no lanes of {dtype}")
    word, out = f"uint{want}", []
    parts = [T.reinterpret(x, f"uint{have}") for x in lanes]
    for i in list(range(have * len(lanes) // want)):
        if have >= want:
            shift = i * want % have
            part = parts[i * want // have]
            joined = T.cast(part >> shift if shift else part, word)
        else:
            n = want // have
            joined = T.cast(parts[i * n], word)
            for k in list(range(1, n)):
                joined = joined | T.cast(parts[i * n + k], word) << k * have
        out.append(T.reinterpret(joined, dtype))
    return out


def reinterpret(value, dtype, lanes):
    """T.reinterpret of packed values"""
    out = bits(value, dtype)
    if len(out) != lanes:
        kiln.fail("E0302", f"T.reinterpret keeps the width: {len(out)} lanes, not {lanes}")
    return out[0] if lanes == 1 else kiln.vector(out)


def fill_atomic(f, dst, value):
    """T.atomic_add and the like of one number on every element of a region"""
    kiln.each(dst, lambda x: f(x, value), True)
