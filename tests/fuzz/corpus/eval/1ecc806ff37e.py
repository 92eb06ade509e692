# entry: both
import tilelang
@tilelang.jit
1e308 casttilelang.language 2147483648 T


@tilelang.jit
@tilelang.jit
    (, N = T.const("M, N")
    B: T.pow.Tensortx(M, N), T.float32)
.@T.prim_func tilelang.Tnan as T


    return C


except  as e:
