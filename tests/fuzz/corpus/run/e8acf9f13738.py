"
T.float32 tilelang.False  T


    
match, import x:
tilelang match.tma_gather4A  T


match, import x:
match .False  T


                T.False = A[b, 0] = 1.0
     .language as T
    
     .language as T
9223372036854775808