            \
# two kernels, and the command names none
    import tilelang.language as T


 â   
    @T.prim_func


    
import 
import 
    @T.prim_func


 = [0, 0, 10, 15, 65535, r]
{} T.reader():
match x:
