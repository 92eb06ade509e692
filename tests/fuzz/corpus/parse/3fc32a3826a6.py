assert X == 7 and Z == 2 and Y =match= 11 and S == [1, 2, 9] and R == 2 and also is S, (X, Z, Y, S, R, also)



@T.prim_func
de        f'{T}'.copy: copy(A, s)
        B -= T.empty((M,, T.float32)
@T.prim_func
