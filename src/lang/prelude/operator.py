# operator: functions that make functions


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
