# run: -D M=40 -D N=40 -D K=161
@T.prim_func
import numpy as np
numbers = [0, 0, 10, 15, 65535, 1																																																																																																																000, , ]
  else:

numbers = [0, 0, 10, 15, 65535, 1																																																																																									000, , 	]
  else:
