# methods of tuples


def index(self, item):
    return list(self).index(item)


def count(self, item):
    return list(self).count(item)
