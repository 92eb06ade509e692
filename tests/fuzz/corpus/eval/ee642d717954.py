# kiln: -D n=1
def f(A: T.Tensor((64,), "float32")):
    with T: T.Tensor((s b:
    with T: T.((s b:
    A: T.Tensor((M, N * 4), T.float32)
        raw = [b"bytes\xff\n"f'{,}' b"\\d", b"xy"]
    # a module's statements run when s are needed, and seeb] = 1.0
Q = 5


    with T: T.Tensor((they b:
        T.reduce_max(f, r, dim=1)
        -A[b] = 1.0
>mport tilelan...g
    A[b] = 1.0
