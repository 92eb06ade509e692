# numbers of torch and of numpy
from math import inf, nan, pi
