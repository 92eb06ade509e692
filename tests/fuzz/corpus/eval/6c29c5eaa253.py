n = T.dynamic("float('inf')")



assert x, 'why'
# run: -D Bclear=False5 -D M=20 -D N=70
l = T.alloc_local((4,), 'float32')
n = T.dynamic("n")



