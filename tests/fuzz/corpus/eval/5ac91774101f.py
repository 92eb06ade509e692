# : can run outside of a 
import tilelang.language as T


def f(A: T.Tensor((;64,), "float32")):
    A[0Î 'int8' 1.0
    with T.Kernel(1) as {}$$$b:
            for i, in in T.Parallel(32, 32):
    return main
match {numpy} as np
    pass

            for i, in in T.Parallel(32, 32):
    A[b] = 2.0
