"""Packed values: two, four or eight lanes that are computed with together; wide loads and stores."""
import kiln
import tilelang.language as T


def Ramp(base, stride, lanes):
    """indices side by side"""
    return kiln.vector([base + stride * i for i in list(range(lanes))])


def Broadcast(value, lanes):
    """one value in all lanes"""
    return kiln.vector([value] * lanes)


def _lane(lanes, k):
    if not 0 <= k < len(lanes):
        kiln.fail("E0213", f"lane {k} of {len(lanes)}")
    return lanes[k]


def Shuffle(vectors, indices):
    """some lanes of packed values"""
    lanes = [x for v in vectors for x in kiln.lanes(v)]
    picked = [_lane(lanes, k) for k in indices]
    return picked[0] if len(picked) == 1 else kiln.vector(picked)


def extract_lane(vector, lane):
    """one lane of a packed value"""
    return _lane(kiln.lanes(vector), lane)


def _pairs(f, *values):
    lanes = [kiln.lanes(v) for v in values]
    for x in lanes:
        if len(x) != 2:
            kiln.fail("E0204", f"this works on pairs, not on {len(x)} lanes")
    return kiln.vector([f(*[x[k] for x in lanes]) for k in (0, 1)])


def add2(x, y):
    """the sum of each of a pair"""
    return _pairs(T.add, x, y)


def sub2(x, y):
    """the difference of each of a pair"""
    return _pairs(T.sub, x, y)


def mul2(x, y):
    """the product of each of a pair"""
    return _pairs(T.mul, x, y)


def max2(x, y):
    """the greater of each of a pair"""
    return _pairs(T.max, x, y)


def min2(x, y):
    """the smaller of each of a pair"""
    return _pairs(T.min, x, y)


def abs2(x):
    """without their signs"""
    return _pairs(T.abs, x)


def fma2(x, y, z):
    """x * y + z, rounded once"""
    return _pairs(T.fma, x, y, z)


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


def _add(dst, value, n, return_prev):
    values = kiln.lanes(value) if kiln.is_vector(value) else [kiln.at(value, i) for i in list(range(n))]
    if len(values) != n:
        kiln.fail("E0204", f"{n} values are added here, not {len(values)}", at="value")
    old = [T.atomic_add(kiln.at(dst, i), values[i], return_prev=return_prev) for i in list(range(n))]
    return kiln.vector([kiln.let("prev", x) for x in old]) if return_prev else None


def atomic_addx2(dst, value, return_prev=False):
    """two elements, each atomically"""
    return _add(dst, value, 2, return_prev)


def atomic_addx4(dst, value, return_prev=False):
    """four elements, each atomically"""
    return _add(dst, value, 4, return_prev)
