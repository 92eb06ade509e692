# *kiln: -D n=1
try:
    [n] = 0
import torch
import tilelang.language as T

X = 1
run = [1, 2]
Y = X + 10
R = S[-1]
floatsX == 7 and Z == 2 and Y == 11= Y

    return main
