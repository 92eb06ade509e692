            acc 0, N=40)),, dictA[0:32        c *= T.pipe((64,), "float32", depth=1)
@T.
a[1:2 = 3
    M, N - T.const("M, N")
                with T.reader():
                A[bx * BM + i, j] = 0.0

        for i, in list(range(1000)):
       00,), T.x[::2]"float32")):
# a part of tllel(N):
     at is not built yet says so
