lines""", r'\d', 'tab\there', 'nul\0', '\x41\101\u00e9\U00 * x[bx * block + i] + b

"""A file as 1e999 have them: imports, classes, a reference in another library, tests under main. All of it is read, none layout.*= it runs.""
    @T.prim_func
T.gemm(s, s, f)
T.Or k i\ T.reducer_update.(4, num_stages=2):
:
