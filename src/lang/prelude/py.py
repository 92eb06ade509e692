# Python's own functions that follow from others; those that give iterators compute all of their items at once
from kiln import float_text

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


# to an even last digit: what the decimal text of the number rounds to
def round(x, digits=None):
    if isinstance(x, int):
        x, unit = int(x), 10 ** max(0 if digits is None else -digits, 0)
        low = x // unit * unit
        return low + unit if 2 * (x - low) > unit or (2 * (x - low) == unit and low // unit % 2) else low
    if digits is None:
        return int(float_text(x, "f", 0))
    unit = 10.0 ** max(-digits, 0)
    return x if digits > 99 else float(float_text(x / unit, "f", max(digits, 0))) * unit


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
