# reducers in both manners, reductions and scans with all their words, any_of and all_of
import tilelang.language as T


@T.prim_func
def reducers(A: T.Tensor((64, 32), "float32"), I: T.Tensor((64,), "int32"), O: T.Tensor((64,), "float32"), M: T.Tensor((64,), "bool")):
    with T.Kernel(1, threads=128):
        a = T.alloc_fragment((64, 32), "float32")
        i32 = T.alloc_fragment((64,), "int32")
        o = T.alloc_fragment((64,), "float32")
        one = T.alloc_fragment((1,), "int32")
        m = T.alloc_shared((64,), "bool")
        T.copy(A, a)
        T.copy(I, i32)
        T.copy(M, m)
        old = T.alloc_reducer(64, "float32", replication="all")
        T.fill(old, 1.0)
        for i, j in T.Parallel(64, 32):
            old[i] += a[i, j]
        T.finalize_reducer(old)
        least = T.alloc_reducer((64,), "float32", op="min")
        T.reducer_init(least)
        for i, j in T.Parallel(64, 32):
            T.reducer_update(least[i], a[i, j])
        T.finalize_reducer(least, o)
        T.reduce_max(a, o, dim=1, clear=False, nan_propagate=True, batch=4)
        T.reduce_abssum(a, o, dim=-1)
        T.reduce_bitor(i32, one, dim=0)
        T.reduce(a, o, "absmax", 1)
        T.cummax(a, dim=1, reverse=True)
        if T.any_of(m) and not T.all_of(m[0:8]):
            T.copy(old, O)
        T.copy(o, O)
