# tilelang: what is a function of its module math, too
from tilelang.math import next_power_of_2
