# methods of named tuples


def _replace(self, /, **changes):
    return type(self)(**{**self._asdict(), **changes})


def _asdict(self):
    return {name: getattr(self, name) for name in self._fields}


def _make(cls, items):
    return cls(*items)


def index(self, item):
    return list(self).index(item)


def count(self, item):
    return list(self).count(item)
