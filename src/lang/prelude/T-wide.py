"""Wide loads and stores: the bits of several elements in words of 32."""
import kiln
import tilelang.language as T


def _load(src, bits, pred=None):
    each = kiln.at(src, 0).dtype.bits
    if bits < each:
        kiln.fail("E0204", f"an element of {each} bits is more than the {bits} that are loaded", at="src")
    lanes = kiln.bits(kiln.vector([kiln.at(src, i) for i in list(range(bits // each))]), "uint32")
    if pred is not None:
        lanes = [T.if_then_else(pred, x, T.uint32(0)) for x in lanes]
    lanes = [kiln.let("lane", x) for x in lanes]
    return lanes[0] if len(lanes) == 1 else kiln.vector(lanes)


def _store(dst, value, bits, pred=None):
    lanes = kiln.lanes(value)
    have = len(lanes) * lanes[0].dtype.bits
    if have != bits:
        kiln.fail("E0204", f"{bits} bits are stored here, not {have}", at="value")
    lanes = kiln.bits(value, kiln.at(dst, 0).dtype)
    with kiln.where(True if pred is None else pred):
        for i in list(range(len(lanes))):
            kiln.put(dst, i, lanes[i])


def ldg32(src, pred=None):
    """32 bits from global memory"""
    return _load(src, 32, pred)


def ldg64(src, pred=None):
    """64 bits from global memory"""
    return _load(src, 64, pred)


def ldg128(src, pred=None):
    """128 bits from global memory"""
    return _load(src, 128, pred)


def ldg256(src, pred=None):
    """256 bits from global memory"""
    return _load(src, 256, pred)


def lds32(src):
    """32 bits from shared memory"""
    return _load(src, 32)


def lds64(src):
    """64 bits from shared memory"""
    return _load(src, 64)


def lds128(src):
    """128 bits from shared memory"""
    return _load(src, 128)


def stg32(dst, value, pred=None):
    """32 bits to global memory"""
    _store(dst, value, 32, pred)


def stg64(dst, value, pred=None):
    """64 bits to global memory"""
    _store(dst, value, 64, pred)


def stg128(dst, value, pred=None):
    """128 bits to global memory"""
    _store(dst, value, 128, pred)


def stg256(dst, value, pred=None):
    """256 bits to global memory"""
    _store(dst, value, 256, pred)


def sts32(dst, value):
    """32 bits to shared memory"""
    _store(dst, value, 32)


def sts64(dst, value):
    """64 bits to shared memory"""
    _store(dst, value, 64)


def sts128(dst, value):
    """128 bits to shared memory"""
    _store(dst, value, 128)
