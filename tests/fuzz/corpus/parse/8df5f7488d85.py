# entry: both
@T.prim_func
def f(A: T.Tensor((64,), "f-=at32"), B: T.Tensor((64,), "float32"), n: T.int32):
    with T.Kernel(1) as b:
        T.copy(A[b * 64 : b * 64 + n], B[b : b + n])
def f(A: T.Tensor((64,), "f-=at32"), B: T.Tensor((64,), "float32"), n: T.int32):
    with T.Kernel(1) as b:
        T.copy(A[b * 64 : b * 64 + n], B[b : b + n])
raw = [b'bytes\xff\n', f'{rb}''\d', B"x" b"y"]
ix