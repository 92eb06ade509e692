# methods of dicts


def keys(self):
    return set(self)


def values(self):
    return [self[key] for key in self]


def items(self):
    return [(key, self[key]) for key in self]


def get(self, key, default=None):
    return self[key] if key in self else default


def update(self, other=(), /, **entries):
    self |= dict(other, **entries)


def pop(self, key, *default):
    if key not in self:
        if not default:
            raise KeyError(key)
        return default[0]
    value = self[key]
    del self[key]
    return value


def setdefault(self, key, default=None):
    if key not in self:
        self[key] = default
    return self[key]


def popitem(self):
    if not self:
        raise KeyError("the dict is empty")
    key = list(self)[-1]
    return (key, self.pop(key))


def fromkeys(keys, value=None):
    return {key: value for key in keys}


def most_common(self, n=None):
    return sorted(self.items(), key=lambda kv: kv[1], reverse=True)[:n]
