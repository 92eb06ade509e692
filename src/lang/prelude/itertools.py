# itertools, as functions that give all of their items at once


def product(*lists, repeat=1):
    rows = [()]
    for items in [tuple(items) for items in lists] * repeat:
        rows = [row + (x,) for row in rows for x in items]
    return iter(rows)


def permutations(items, r=None):
    items = tuple(items)
    r = len(items) if r is None else r
    _checked(r)
    if r == 0:
        yield ()
    elif r <= len(items):
        for i, x in enumerate(items):
            for rest in permutations(items[:i] + items[i + 1:], r - 1):
                yield (x,) + rest


def _checked(r):
    if r < 0:
        raise ValueError("a negative number of items")


def combinations(items, r):
    _checked(r)
    items = tuple(items)
    if r == 0:
        yield ()
    for i, x in enumerate(items[:len(items) - r + 1] if r else ()):
        for rest in combinations(items[i + 1:], r - 1):
            yield (x,) + rest


def combinations_with_replacement(items, r):
    _checked(r)
    items = tuple(items)
    if r == 0:
        yield ()
    for i, x in enumerate(items if r else ()):
        for rest in combinations_with_replacement(items[i:], r - 1):
            yield (x,) + rest


class chain:
    def __init__(self, *lists):
        self.all = iter([x for items in lists for x in items])

    def __iter__(self):
        return self.all

    def __next__(self):
        return next(self.all)

    @classmethod
    def from_iterable(cls, lists):
        return cls(*lists)


def accumulate(items, func=None, *, initial=None):
    total = initial
    if initial is not None:
        yield total
    for x in items:
        total = x if total is None else func(total, x) if func else total + x
        yield total


def repeat(x, times):
    for _ in range(times):
        yield x


def islice(items, *bounds):
    return iter(list(items)[slice(*bounds)])


def zip_longest(*lists, fillvalue=None):
    lists = [list(items) for items in lists]
    for i in range(max((len(items) for items in lists), default=0)):
        yield tuple(items[i] if i < len(items) else fillvalue for items in lists)


def starmap(func, items):
    for args in items:
        yield func(*args)


def takewhile(holds, items):
    for x in items:
        if not holds(x):
            break
        yield x


def dropwhile(holds, items):
    dropping = True
    for x in items:
        dropping = dropping and holds(x)
        if not dropping:
            yield x


def pairwise(items):
    items = list(items)
    return zip(items, items[1:])


def groupby(items, key=None):
    groups = []
    for x in items:
        k = key(x) if key else x
        if not groups or groups[-1][0] != k:
            groups.append((k, []))
        groups[-1][1].append(x)
    return iter(groups)
