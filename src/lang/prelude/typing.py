# typing: what has a meaning when a program runs

TYPE_CHECKING = False


def cast(type, value):
    return value


def NewType(name, type):
    return type


def overload(func):
    return func


def final(func):
    return func
