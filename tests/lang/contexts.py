# entry: both
"""What a program's own classes do with 'with', and kernels that are made by calls: compiled by hand, tuned, called on tensors of the host"""
import tilelang
import tilelang.language as T
import torch


class Scale:
    def __init__(self, by):
        self.by, self.log = by, []

    def __enter__(self):
        self.log.append("in")
        return self.by

    def __exit__(self, kind, error, where):
        self.log.append("out" if kind is None else kind.__name__)
        return kind is ValueError


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def __len__(self):
        return 2

    def __getitem__(self, k):
        return (self.a, self.b)[k]

    def __contains__(self, x):
        return x in (self.a, self.b)

    def __iter__(self):
        yield self.a
        yield self.b


def factor(n):
    scale = Scale(n)
    with scale as by, Scale(2) as two:
        total = by * two
    with scale:
        raise ValueError("is swallowed")
    for k in range(5):
        with scale:
            if k == 2:
                break
    pair = Pair(total, k)
    assert scale.log == ["in", "out", "in", "ValueError"] + ["in", "out"] * 3, scale.log
    assert len(pair) == 2 and 2 in pair and 9 not in pair and list(pair) == [2 * n, 2] and pair[-1] == 2
    return sum(pair)


def double(n):
    by = factor(3)

    @T.prim_func
    def twice(A: T.Tensor((n,), "float16"), B: T.Tensor((n,), "float16")):
        with T.Kernel(T.ceildiv(n, 64), threads=64) as bx:
            for i in T.Parallel(64):
                B[bx * 64 + i] = A[bx * 64 + i] * by

    return twice


kernel = tilelang.compile(double(100), out_idx=-1)


@tilelang.autotune(configs=[dict(block=32), dict(block=64)])
@tilelang.jit(out_idx=[-1])
def shifted(n, block=16):
    @T.prim_func
    def main(A: T.Tensor((n,), "float16"), B: T.Tensor((n,), "float16")):
        with T.Kernel(T.ceildiv(n, block), threads=block) as bx:
            for i in T.Parallel(block):
                B[bx * block + i] = A[bx * block + i] + 1

    return main


def both(A: T.Tensor((100,), "float16")):
    rest = torch.empty_like(A)
    double(100)(A, rest)
    more = kernel(rest)
    last = torch.empty((100,), dtype=torch.float16)
    double(100)(more, last)
    return shifted(100)(last)
