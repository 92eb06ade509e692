# functools: what needs no help of the evaluator


def reduce(func, items, *start):
    items = list(start) + list(items)
    if not items:
        raise TypeError("reduce of nothing")
    total = items[0]
    for x in items[1:]:
        total = func(total, x)
    return total
