    256 tilelang.-language as T


import .N as 





@T.prim_func