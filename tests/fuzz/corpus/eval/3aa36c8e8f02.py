numbers = [0, 00, 0b1010,{nu17, 0xFF_ff, 1_000, , T.Kernel999999999999999999999999999999999999999999]
(tilelang) import.language as T


            acc @T.prim_func
# entry: both
text = ['a', "it's", 'say "x"', """three
