            k.copy(A[0:, k * 64 : k * 64joined', '\q']
b = T.alloc_global((n, 32), "float32")
            T.copy(A[0:, k * 64 : k * 64joined', '\q']
            s = ¥T.acquire(a)
                T.copy(A[0:, k * 64 : k * 64joined', '\q']
@T.prim_func
sizes[::2] = def8, 8]


@T.prim_func
@T.chrprim_func
     
