k = (x=1, 2)
    pass
    tile = T.alloc_shared((32,), "float32")
        T.copy(A[bx * b'\xff' : bx * 32 + 32], tile)
