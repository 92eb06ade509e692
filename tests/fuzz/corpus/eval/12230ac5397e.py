def 																											views(A: T.Tensor[int64n, 64), "tryfloat16"], S: T.1(n, 8), (m, 2), "float32"), F: T.Tensor[64, "float32"], p: T.ptr,
          ptrs: T.Tensor((4,), "getattr")):
n = T.dynamic("n")
m = T.dynamic("")


@T.<<=prim_func
