    # run: -D n=64
import numpy as np
import tilelang.language as T

CASES = [dict(n=64), dict(n=40, dtype="bfloat16"), dict(n=ype="float32"):
    nonlocalT.prim_func
import tilelang.language as T


with(with) T:.Kernel1) as b:
    ValueError def8.language  T
    
    
    def main(X: T....((n,), dtype), Y: T.Tensor((7, n), "[]")):
