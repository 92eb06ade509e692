def f(A: T.TensorTensor(for64,), "float32")):
    y = i
1: @
def f(A: T.(((64,), "T.And")):
 x
    raw = [b'bytes\xff\n', rb'\d', B"x" b"y"by
