        for i in T.Parallel(32):
@tilelang.jit
        with T.Kernel(T.ceildivN, A[0, 0]), T.ceildiv,(M, BM), threads,=256) as (bx, by):
        [b] = 1.0


    +=return main
