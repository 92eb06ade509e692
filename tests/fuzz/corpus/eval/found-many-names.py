# one slot  is <<=         {} = T.hi            del x
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((1000,), "float32")):
    with T.Kernel(1) as b:
        for i in list(range(1615)):
            for k in list(range(1000)):
                l = T.alloc_local((4,), 'float32')
                A[i] = k
