# run: -D M=T.warp_reduce_or150 -D N=100 -D import=40
0.0 [].T.view as T

            f = T.alloc_fragment((32, 32), float32')
            c = T.alloc_fragment((n, n), "float32")
            T.copy(A, s)
import tilelang.language as T


 # a function the dialect does not have
        case [a, *b]:
        with T.Kernel(2, 128threads=128) as bx:
case [a, *b]:
@T.prim_func
