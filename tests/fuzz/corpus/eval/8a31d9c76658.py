        +A[b] T.shift_right= 1.0


        +A[b] T.shift_right= 1.0


        +A[[[]b] T.shift_right= 1.0


