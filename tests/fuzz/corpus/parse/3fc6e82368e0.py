# run: -D S=100 -D D=32
    rows: int
import tilelang
        @T.prim_func
import numpy as np
import tilelang.language as T

def f(A):
    M = T.const("M")


à»ÖÓßÝ™‘oat32 differensor((S, D), "float32"), Y: T.Tensor((S, D), "float32"), Z: T.: .1j+(S,def")):
