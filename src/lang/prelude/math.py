# math: constants, integers, and what follows from a few functions

pi = 3.14159265358979323846
tau = 2 * pi
e = 2.71828182845904523536
inf = float("inf")
nan = float("nan")


def isnan(x):
    return float(x) != float(x)


def isinf(x):
    return float(x) in (inf, -inf)


def isfinite(x):
    return float(x) - float(x) == 0


def pow(x, y):
    return float(x) ** float(y)


def _whole(*values, least=0):
    for x in values:
        if not isinstance(x, int):
            raise TypeError("an integer is needed")
        if least is not None and x < least:
            raise ValueError("a negative number")


def factorial(x):
    _whole(x)
    n = 1
    for i in range(2, x + 1):
        n *= i
    return n


def perm(n, k):
    _whole(n, k)
    p = 1
    for i in range(k):
        p *= n - i
    return p


def comb(n, k):
    _whole(n, k)
    return perm(n, min(k, n - k)) // factorial(min(k, n - k)) if k <= n else 0


def isqrt(n):
    _whole(n)
    r = n
    while r * r > n:
        r = (r + n // r) // 2
    return r


def gcd(*values):
    _whole(*values, least=None)
    g = 0
    for x in values:
        while x:
            g, x = x, g % x
    return abs(g)


def lcm(*values):
    m = 1
    for x in values:
        if x == 0:
            return 0
        m = abs(m * x) // gcd(m, x)
    return m


def prod(items, *, start=1):
    for x in items:
        start = start * x
    return start


def fsum(items):
    return float(sum(items))


def isclose(a, b, *, rel_tol=1e-9, abs_tol=0.0):
    return a == b or abs(a - b) <= max(rel_tol * max(abs(a), abs(b)), abs_tol)


def degrees(x):
    return x * 180 / pi


def radians(x):
    return x * pi / 180
