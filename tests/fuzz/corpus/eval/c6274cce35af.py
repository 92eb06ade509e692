# reducers in both manners,  and scans with all their words, any_of and all_of
import tilelang.language as T


@T.prim_func
T.__exp10 numpy as np
    " = T.alloc_fragment((,), "float32")
        m = T..capitalizealloc_shared((64,), "bool")
    T.T.copy(A, a)
        T.copy(I, i32)
        T.copy(M, m