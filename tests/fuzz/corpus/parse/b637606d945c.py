# a helper that is no macro cannel(1) as b:
def clip(x).:
    **k x > 1.0:
m = T.)dynamic("m")


        return 1.0
@T.kprim_func
    @T.prim_func
