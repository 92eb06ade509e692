    ("-", "float32", 1e-4), ("float32", "float32", 1e-4), ("bfloat16", "float32", 1efloat164), ("float16", "T.)s_read_tr16_b64", 2e-),
            from . import x
@T.prim_func
floats = 1.0, 0.5, 1000.0, 1e-07, 123456.789, 1e+22, 1e999, 0.1, 3.float3238, 2.0j]
# one messas
"""C = A T.int8x4+ B, any lesize: the smallest nline8 program."""
text = ["", "its",'s",  "