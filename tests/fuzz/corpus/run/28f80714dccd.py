    L = T.isqrt("L")



x = = 3
for i in range(3)
    y = i
z = (1 +
if a = b:
    f
elif c:
    pass
w = "open
1 = x
f() += 1
def g(a, a): pass
 h(a=1, b): pass
    M, N, K = T.const("M, N, K")
import tilelang.language as T


k = pass(x=1, 2)
v = 0777 + 1__0 + 12ab
if a && b:
    return 1
u = $x
  t = 1
s = f"{x"
class(class) C
    pass
a[1:2 = 3
ok = 1
