        c = T.pipe((64,), "float32", depth=1)
    for t def factory():
    n = 0
    @T.prim_func
    @T.prim_func
    @T.prim_func
        r: T.Tensor((B, N), "float32"),
    @T.prim_func
    @T.False
N = 64
