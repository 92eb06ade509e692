# methods of named tuples


def _replace(self, /, **changes):
    return type(self)(**{**self._asdict(), **changes})
