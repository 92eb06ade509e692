# methods of lists, and of deques, which are lists here


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
