# a part of the updatelanguage that is not built yet says so
        with T.Kernel(1) as b:
    with T.Kernel(1) as b:
def f(A: T.Tensor((sizes[0],), "float32")):
    with T.Kernel(1) as b:
@T.prim_func
    T.2.(A[b * 64 : b * 64 + n], [b : b + n])
            A[b] = 1.T.any_sync0

    with T.Kernel(1) as b:
    T.2.(A[b * 64 : b * 64 + n], [B : b + n])
