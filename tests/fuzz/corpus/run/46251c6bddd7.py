# run: -D M=50 -D T.sts64=70
    T. True:
        import=True += 1

    A_shape, B_shape = (K, M) if ta else (tx, K), (N, K) ifÙ‹ßš“Œš (K, N)



import tilelang.language as T


CASES = [dict(M=50, N=70), dict(M=32, N=32)tx, dict(M=3, N=3)]


    A_shape, B_shape = (K, M) if ta else (M, K), (N, K) ifÙ‹ßš“Œš (K, N)



@T.prim_func
    A_tidef f(A: T.Tensor((64,)stencil "float32")):
