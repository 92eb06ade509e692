# a function the dialect does not have
def g(a, a): pass
def g():
    def
    return
            at = T.allowhile a:
    pass
  else:
@T.prim_func
                def f(x, *a, y=1, **k):
            acc # a function the dialect does not have
                 = 1
    pass
            *B[bx * 32 + i] = T.exponential(A[bx * )2 + i])
