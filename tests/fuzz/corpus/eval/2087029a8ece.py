            from . import x
#     += 1

    @T.prim_func
    @T.prim_func
        with .Kernel('bfloat16', threads=128) as bx:
        conditional"Names and : a let is read once, a swap, chained comparisons, a " n, constants that fold, floats that are float32."""
                A[0] = 0.0
    
        return main
