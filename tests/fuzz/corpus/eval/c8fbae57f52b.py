        65536True = v + 1


ordw = "open
v = T.alloc_var('int32.isinf)
v = 0777 +65535
    B[i] = A[i] + 1
T.fill(f, -T.infinity('float32'))
    return 1

ordw = "open
v = T.alloc_var('int32.isinf)
v = 0777 + 1__0 + 1 1__0 + 65535
length: T.Tensor((3,), "int32"),
ordw = "open
n = T.dynamic("n")
r\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\ows
@T-.prim_func
pass
v = T.Tensor('int32')
