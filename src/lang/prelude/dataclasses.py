# dataclasses: records as dicts and tuples
from dataclasses import fields, is_dataclass


def _plain(x, make):
    if is_dataclass(x) and not isinstance(x, type):
        return make([(f.name, _plain(getattr(x, f.name), make)) for f in fields(x)])
    if isinstance(x, (list, tuple)):
        return type(x)([_plain(item, make) for item in x]) if not hasattr(x, "_fields") else x
    if isinstance(x, dict):
        return {k: _plain(v, make) for k, v in x.items()}
    return x


def asdict(obj, *, dict_factory=dict):
    return _plain(obj, dict_factory)


def astuple(obj, *, tuple_factory=tuple):
    return _plain(obj, lambda pairs: tuple_factory([v for _, v in pairs]))


def replace(obj, /, **changes):
    kept = {f.name: getattr(obj, f.name) for f in fields(obj) if f.init and f.name not in changes}
    return type(obj)(**kept, **changes)
