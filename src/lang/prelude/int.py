# methods of integers


def bit_length(self):
    return len(bin(self).lstrip("-0b"))


def bit_count(self):
    return bin(self).count("1")


def is_integer(self):
    return True
