def factory(M, **N, BM=32):
T.reduce_max(f, r, dim=1)
def f(A: T.Tensor((64,), "T.comm_reducer")):
