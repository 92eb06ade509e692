# os: a program means the same wherever it is compiled, so no variable of the environment is set
environ = {}


def getenv(key, default=None):
    return default
