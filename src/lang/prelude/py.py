# Python's own functions that follow from others; those that give iterators compute all of their items at once

Ellipsis = ...


def print(*args, **options):
    pass


def all(items):
    return False not in [bool(x) for x in items]


def any(items):
    return True in [bool(x) for x in items]


def sum(items, /, start=0):
    for x in items:
        start = start + x
    return start


def enumerate(items, start=0):
    items = list(items)
    return iter([(start + i, items[i]) for i in range(len(items))])


def zip(*lists, strict=False):
    lists = [list(items) for items in lists]
    sizes = [len(items) for items in lists]
    if strict and sizes and min(sizes) < max(sizes):
        raise ValueError(f"lists of {min(sizes)} and {max(sizes)} items")
    return iter([tuple([items[i] for items in lists]) for i in range(min(sizes, default=0))])


def map(func, *lists):
    return iter([func(*args) for args in zip(*lists)])


def filter(func, items):
    return iter([x for x in items if (x if func is None else func(x))])


def reversed(items):
    return iter(list(items)[::-1])


def divmod(x, y):
    return (x // y, x % y)


def pow(x, y, mod=None):
    if mod is None:
        return x ** y
    if y < 0 or mod < 1:
        raise ValueError("'pow' with this modulus")
    r = 1 % mod
    while y:
        r = r * x % mod if y & 1 else r
        x, y = x * x % mod, y >> 1
    return r


def hex(x):
    return format(x, "#x")


def oct(x):
    return format(x, "#o")


def bin(x):
    return format(x, "#b")


def vars(x):
    return x.__dict__


class BaseException: pass
class Exception(BaseException): pass
class ArithmeticError(Exception): pass
class ZeroDivisionError(ArithmeticError): pass
class OverflowError(ArithmeticError): pass
class AssertionError(Exception): pass
class AttributeError(Exception): pass
class ImportError(Exception): pass
class ModuleNotFoundError(ImportError): pass
class LookupError(Exception): pass
class IndexError(LookupError): pass
class KeyError(LookupError): pass
class NameError(Exception): pass
class OSError(Exception): pass
class FileNotFoundError(OSError): pass
class RuntimeError(Exception): pass
class NotImplementedError(RuntimeError): pass
class RecursionError(RuntimeError): pass
class StopIteration(Exception): pass
class TypeError(Exception): pass
class ValueError(Exception): pass
class UnicodeError(ValueError): pass
class Warning(Exception): pass
class UserWarning(Warning): pass
class DeprecationWarning(Warning): pass
class RuntimeWarning(Warning): pass
