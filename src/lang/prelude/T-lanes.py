"""Packed values: two, four or eight lanes that are computed with together."""
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
