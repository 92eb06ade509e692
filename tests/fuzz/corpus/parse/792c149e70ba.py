    # a function the dialect does not have
    C = T.empty((M, N), T.float32)
    with T.Kernel(M) as b:
    with T.Kernel(M) as b:
            C[b, j] = A[b, ] + B[b, -j]
case [a, *b,]:
@T.prim_func
        givenjb, [] = A[b, ] + B[b, j]
if a && b:
    *return 1
