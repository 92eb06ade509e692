# run: -D M=70 -D N=72 -D K=100
        T.copy(A, A_s)
import numpy as nps, s, f)
many = T.dynamic("many")


import a.b as ,, d
import numpy as nps, s, f)
@tilelang.jit
