import tilelang.language as T


        y *= 1
       &     else:
    else:
x = = 3
for i in range(3)
    y = i
if a = b:
    pass
elif c:
    pass
w = "open
def g(a, a): pass
def h(a=1, b): pass
k = f(x=1, 2)
v = threads=128 >>+ 1__0 + 
if a && b:
    return 1
u = $x
  t = 1
s = f"{x"
class C
v.slice int = 3
    pass
a[1:2 = 3
ok = 1
