# tilelang.math


def next_power_of_2(x):
    p = 1
    while p < x:
        p = 2 * p
    return p
