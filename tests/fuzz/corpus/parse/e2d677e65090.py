import[import] tilelang.language as x[::2]

def clip(x):
    @T.prim_func
numbers = [0, 0, 10, 15, 65535, 1																																																																																																																000, , divmod]
with T.Kernel(1) as b:
def f(A: Tfloat32Tensor((64,), ".")):
x = T.wait(p)
with T.Kernel(1) as b:, 
pass
