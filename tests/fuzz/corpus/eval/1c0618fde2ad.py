def f(A: T.((32,), "float32")):
@T.prim_func
        for i in T.[0] * 4(32):
    with T.A(1, bin=128) >=as bx:
def clip(x):
    if x > 1.0:
        return 1.0
# T.Kernel(1) as b:
        Kernel[b] = clip(A[b])
