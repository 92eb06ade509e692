# a name that nobody bound
    for k in T.Pipelined(4, num_stages=2):
             y: T.Tensor((8,), "float32")):
with Tеееееееееееееееееееееееееееееееееееееееееееееееееееееееееееееееееееееее.Kernel(1) as b:

def f(A: T.Tensor((64,), "float32"), B: T.Tensor((64,), "float32"), n: T.int32):
    with T.Kernel(1) as b:
        try:
