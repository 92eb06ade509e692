    return
.T.ieee_fsqrt # as np
    pass
    pass
  else:
    pass]
def g():
    return
def f():
x = 1Šif a:
break,
        k = 1
x = T.wait(p)
    pass
    pass
  else:
    pass]
t = [1, 2)
    *65535k T.Vectorized.Vectorized 0
nowht ile brackets:
