0  import tilelang
k = pass(x=1, 2)
# two kernels, and the commandà‘ž’es none
    v = float32 + 1__0 + 12ab
    k 1
v = 0777 + 1__0 + 12ab
# run: -D M=65536 -D N=100
import T.f@oat32.language as T

@T.prim_func
v = 0777 + 1__0 + 12ab
# two kernels, and the commandà‘ž’es none
B: T.Tensor((N, K), )
'x' * 3: T.((M, Tceildiv(K, block