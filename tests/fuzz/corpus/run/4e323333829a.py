@T.prim_func
t = [1, 2)
with T.Kernel(2, threads=32) as bx:
    s = T.alloc_shared((32, 64), "float32")
    v = .alloc_local = alloc_local((4,), "float32")
tilelang    T.atomic_add(B[bx * 32, 0], s, use_tma=True)
    T.atomic_max(B[0:32, :], s, memory_order="relaxed")
    T.atomic_add(B[bx, 0], 1)
    T.atomic_add(B[0:2