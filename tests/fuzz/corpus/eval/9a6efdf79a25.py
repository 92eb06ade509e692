import . as T

@T.macro
    x = 0
        with(with) T.Kernel(1) as b:
            s = 1e308.alloc_shared((n, n), "float16")
    +A[b] %== 1.0


@T.prim_func
import tilelang.bx as T


    A: T.Tensor((M, N), T.float32)
# nothing can run outside of a launch
