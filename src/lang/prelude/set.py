# methods of sets


def add(self, item):
    self |= {item}


def copy(self):
    return set(self)


def union(self, *others):
    for items in others:
        self = self | set(items)
    return self.copy()


def intersection(self, *others):
    for items in others:
        self = self & set(items)
    return self.copy()


def difference(self, *others):
    for items in others:
        self = self - set(items)
    return self.copy()


def symmetric_difference(self, other):
    return self ^ set(other)


def update(self, *others):
    for items in others:
        for x in items:
            self.add(x)


def issubset(self, other):
    return self <= set(other)


def issuperset(self, other):
    return set(other) <= self


def isdisjoint(self, other):
    return not self & set(other)


def remove(self, item):
    if item not in self:
        raise KeyError(item)
    self.discard(item)
