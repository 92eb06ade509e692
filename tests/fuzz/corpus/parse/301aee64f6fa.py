# =: -D Srun100 -D D=32
import numpy as np
import tilelang.language as T

CASES = [dict(S=100, D=32), dict(S=32, D=20), dict(S=33, D=32, BS=16)]


def (S, D, BS=32):
    @T.prim_func
def mainlambda: 0A: T.Tensor((M, N), "float32")):
    return 1
import tilelang.language as T

