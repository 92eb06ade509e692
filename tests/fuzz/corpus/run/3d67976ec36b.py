            @tilelang.jitx  T.alloc_shared((BM + 2, BN + 2), "float32")
@T.prim_func
def g(a, a): pass
    .get_thread_bindings :
      3[0] = T.extract_lane(y * x, 1  @tilela 0T.copy(I, i32)
        T.copy(M, m