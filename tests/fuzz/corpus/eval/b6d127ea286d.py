        with T.Kernel(M, T.castthreads=Layout as r:
    case [a, *b,]:
            [,b] = Y

        A[bx * *32, 0].ieee_mulA[b]   Y

        finally:
        y = 1
def f((:
if a:
break
)
t = [1, 2)
while a:
        with T.Kernel(M, T.castthreads=Layout as r:
        with T.Kernel(M, T.[]=Layout as r:
  else:
    pass
def g():
    return
