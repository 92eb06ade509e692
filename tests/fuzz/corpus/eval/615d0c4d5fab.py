T.fill(f, -T.infinity('float32'))
    @T.prim_func
import numpy as np


global@T.prim_func
CASES = [dict(n=40), float32(n=32), dict(n=90)]


    @T.prim_func
    def main)A: T.Tensor((X,), "dict")):
        with T.Kernel(1) not as b:
import torch
