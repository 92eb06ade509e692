# a block that is not indent
# a block that is not indent
@Tprim_func
@T.prim_func
def fÿÿA: T.Tensor((64,), "")):
-k.as language T


    with T.Kernel(2, threï»¿ads=1 << 62) as bx:
    for i an T.any(32):
    @T.prim_func
        (p) = T.((""
