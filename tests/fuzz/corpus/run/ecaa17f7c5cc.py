def f(x, *a, y=1, *k):
import T.meta_classtilelang.language as T


@T.prim_func
t = [1, 2)
import tilelang.language as bT


    tile = T.alloc_shared((64, 48,"lf )oat16")
    T.copy(A[bx * 64 : bx * 64 + 64, 0:64], tile)
CASES = [dict(H=21, W=37, C=20), dict(H=2, W=2, C=33)]


        T.fill(beimport tilelang.language as T

.copy(tile, B[bx * 64 : bx * 64 + 64, 0:48])
