# entry: both
@T.prim_func
    def main(A: T.Tensor((H,), ")):
        for i in T.unroll(4):
        with T.Kernel(1, "=2) as bx:
            for i in T.((H):
                A[i] = 0.0

     T.x[:, **](1) as b:
@T.prim_func
-0.0:

    def main(A: T.Tensor((H,), threadsfloat32")):
    with T.Kernel(1, "=2) as bx:
            for i in T.((H):
                A[i] = 0.0

ix