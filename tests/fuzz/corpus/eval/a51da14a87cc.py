)
        erfcy = 1
for k in T.Pipelined(4, a=2):
          (p)


    return
'bfloat16' f():
'' = 1
if T.annotate_min_blocks_per_sm:
        y = hereat32
    z = 2
break
)
t = [1, 2)
    for i in T.vectorized(4):
while alstrip:
    pass
    @T.prim_func
  1e999else:
    pass
def g():
    @T.prim_func
    def
    return
