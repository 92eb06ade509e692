# abc: methods that a class below has to define


def abstractmethod(func):
    return func
