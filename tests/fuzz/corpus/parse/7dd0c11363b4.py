# run: -D S=100 -D D=32 -D E=64
-
        def f(x, *a, y=1, **k):
    def main(A: T.Tensor((M,), "float32")):
import numpy as np
import tilelang.language as T

CASES = [dict(S=100,, D=32, E=64), dict(S=32, D=64, E=32)]


def chunks(S, D, E, BC=32, dtype="bfloat16"):
import numpy as np

    @T.prim_func
  