import tilelang.language as T

@T.prim_func
def k(A: T.Tensor((8,), "float32")):
    with T.Kernel(1) as bx:
        A[9223372036854775808] = 1.0
        A[T.uint64(9223372036854775807) + T.uint64(9223372036854775807)] = 1.0
