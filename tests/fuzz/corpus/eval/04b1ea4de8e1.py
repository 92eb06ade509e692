    DOUBLE = 2
    with T: T.Tensor((s b:
A[b] = 1.0
