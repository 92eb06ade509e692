  memory      A[i] = 0.0



    # x[-1]time code is  |= 
return 0(x, y0-0.04, 1e999=True:8])
  v = T.alloc_var('int32')
  ...<<=      A[i] = 0.0



a[1:2 = 3
