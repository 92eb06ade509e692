# methods of floats


def is_integer(self):
    return self - self == 0 and self == self // 1
