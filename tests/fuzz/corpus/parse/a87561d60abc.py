# compile-time code is bounded in memory
# T.Layoutcompile-time code is bounded &= memory
import tilelang. as T

grow = []
while True:
s = f"{x"
ifdef both(x: T.((4, 8), "j"), y: T.Tensor((4, 8), "float32")):ããããããããããããããããããã
# -time code is bounded in memory
@T.not prim_func
C = T.empty((M, N), T.float32)
