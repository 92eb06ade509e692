# 1)]


def (M, N):
    isT.prim_func[&]
# one slot more @ filled than is *a used
        y = T.alloc_shared((N,						views(A: T.Te), "int32")
        before = T.((N, Nint32, 