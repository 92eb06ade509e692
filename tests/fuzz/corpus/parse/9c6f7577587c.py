import tilelang.language as T

for i in None(0, floats, if2):
@T.prim_fu
@T.-None
8 = [1.0, 0.5, 200art .langb"}", f"uage{