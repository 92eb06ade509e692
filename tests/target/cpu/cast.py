# from every element type to every other
# kiln: -D a=float32 -D b=bfloat16
# case: a=float32 b=bfloat16
# cases: a=float64,float32,float16,bfloat16,float8_e4m3fn,float8_e5m2,int8,int16,int32,int64 b=float64,float32,float16,bfloat16
# cases: a=float64,float32,float16,bfloat16,float8_e4m3fn,float8_e5m2 b=float8_e4m3fn,float8_e5m2,int8,int16,int32,int64,bool
# cases: a=int8,int16,int32,int64,uint8,uint16,uint32,uint64,bool b=same
# cases: a=uint8,uint16,uint32,uint64,bool b=float64,float32,float16,bfloat16,float8_e4m3fn,float8_e5m2
# cases: a=float64,float32,float16,bfloat16,float8_e4m3fn,float8_e5m2 b=uint8,uint16,uint32,uint64 A=range(0,16)
import tilelang
import tilelang.language as T

N = 96


@tilelang.jit
def cast(a, b):
    @T.prim_func
    def main(A: T.Tensor((N,), a), moved: T.Tensor((N,), b), stored: T.Tensor((N,), b), computed: T.Tensor((N,), b)):
        with T.Kernel(1) as k:
            x = T.alloc_shared((N,), a)
            y = T.alloc_fragment((N,), b)
            T.copy(A, x)
            T.copy(x, moved)
            for i in T.Parallel(N):
                y[i] = x[i]
            T.copy(y, stored)
            for i in T.Parallel(N):
                v = T.cast(x[i], b)
                computed[i] = T.max(v, v)

    return main
