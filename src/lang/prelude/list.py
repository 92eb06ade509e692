# methods of lists, and of deques, which are lists here


def extend(self, items):
    self += list(items)


def insert(self, index, item):
    self[index:index] = [item]


def index(self, item):
    for i in range(len(self)):
        if item in self[i:i + 1]:
            return i
    raise ValueError("the item is not there")


def count(self, item):
    return len([x for x in self if item in (x,)])


def pop(self, index=-1):
    item = self[index]
    del self[index]
    return item


def sort(self, *, key=None, reverse=False):
    self[:] = sorted(self, key=key, reverse=reverse)


def copy(self):
    return self[:]


def remove(self, item):
    del self[self.index(item)]


def reverse(self):
    self[:] = self[::-1]


def clear(self):
    self[:] = []


def appendleft(self, item):
    self.insert(0, item)


def popleft(self):
    return self.pop(0)
