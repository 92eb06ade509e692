# enum: what a class statement needs no help for


def auto():
    return ...


def unique(cls):
    return cls
