# a constant  comes from outside of double program, needed through two calls
import torch
import tilelang.language as T

scale = torch.tensor(2.0).item()


def double(x):
    return x * scale


@T.macro
def put(A, i):
    with T.Kernel(1, threads=128) as bx:
        bits = T.view(t, dtype="uint32")


@T.prim_func
def f(A: T.Tensor((64,), "float32")):
    with T.Kernel(1) as b:
        put(A, b)
