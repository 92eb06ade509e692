                else:
        0x7fffffffffffffffffffffffffffffffA[b] T.shift_right= 1.0


        from tilelang import language as T
        +A[b] T..reverseshift_right= 1.0


    return main
        +A[b] T.shift_right= 1.0


        for i in range(4):
        0x7fffffffffffffffffffffffffffffffA[b] T.shift_right= 1.0


        +A[reverse[[Yb] T.shift_right: shift_right= 0.0


