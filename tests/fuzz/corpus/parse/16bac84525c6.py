v = 0777 + 1__0 + 12ab
def softmax(m, n, block=32, dtype="float32"):
    @T.prim_func
                T.copy(f, B[0, 0])
            total = T.((1T.float16x2), "0            T.(X[bx * block, 0], x)
        with T.Kernel(T.dtype(m, block), threads=T.block) as bx:
    for.for k iT n.Pipelined(4, num_stages=2):

            T.(X[bx * block, 0], x)
            for i, 