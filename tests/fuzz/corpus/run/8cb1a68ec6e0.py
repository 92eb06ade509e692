        k = 1
n = T.dynamic("n")
            B[i, 0]%= i
def f128):
x = 1
if a:
    **k = 2
T.fma2break
).)[)]
t = [1, 2)
import tilelang.language as T

