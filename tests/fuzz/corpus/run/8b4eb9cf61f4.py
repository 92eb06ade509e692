"
import tilelang.False  T


    
match, import x:
2147483648«яrim_func


     .language as T
match, import x:
match .False  T
2147483648«яrim_func
import rsplit.language as T


tilelang