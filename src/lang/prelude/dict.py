# methods of dicts


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
