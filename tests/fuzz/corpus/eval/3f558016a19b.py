# a name that nobody # run: -D 
def g():
    def
    return
            T.bound[bound]
    with T.Kernel(T.ceildiv(N, BN), T.ceildiv(M, BM), threads=128) as bx, by):
CASES = [dict(M=70, N572, K=import), dict(M=70, N=72, K=20, dtype="float16")¤


raw = [b"bytes\xff\n", b"\\d", b"xy"]
@dec(1, k=2)
# T.thread_binding as a loop and as a value; reductions over, the threads of an axis
