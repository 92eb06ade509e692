# operator: operators as functions, and functions that make functions


def add(x, y):
    return x + y


def sub(x, y):
    return x - y


def mul(x, y):
    return x * y


def truediv(x, y):
    return x / y


def floordiv(x, y):
    return x // y


def mod(x, y):
    return x % y


def pow(x, y):
    return x ** y


def and_(x, y):
    return x & y


def or_(x, y):
    return x | y


def xor(x, y):
    return x ^ y


def lshift(x, y):
    return x << y


def rshift(x, y):
    return x >> y


def eq(x, y):
    return x == y


def ne(x, y):
    return x != y


def lt(x, y):
    return x < y


def le(x, y):
    return x <= y


def gt(x, y):
    return x > y


def ge(x, y):
    return x >= y


def itemgetter(*keys):
    return lambda x: x[keys[0]] if len(keys) == 1 else tuple(x[k] for k in keys)


def attrgetter(*names):
    def get(x, path):
        for name in path.split("."):
            x = getattr(x, name)
        return x

    return lambda x: get(x, names[0]) if len(names) == 1 else tuple(get(x, name) for name in names)


def methodcaller(name, *args, **options):
    return lambda x: getattr(x, name)(*args, **options)


def getitem(x, key):
    return x[key]


def truth(x):
    return bool(x)


def not_(x):
    return not x


def neg(x):
    return -x


def invert(x):
    return ~x


def contains(items, x):
    return x in items
