# methods of element types


def as_torch(self):
    return self
