
        try:
        if x:
        half = T.view(t, shape=[64, 4,])
  æœ¬', 'f'{x!r:>{w,}'' "b" 'c', 'b\
    A: T.Tensor((M, N), T.float32)
        match <=:
        match <=:
# the factory never comes to an e"in, r'\d'} 'tab\there', 'nul1F600', 'Ã© m',      ÿÿÿÿÿÍ    lambda: 0 = T.view(t, dtype="uint32")
n = T.dynamic"n")
æ—¥æœ¬ -= T.dynamic("":


@T.prim_func
