x = = 3
for i in range(3)
def h(a=1, b): pass
    y = i
z = (1 +
T.reduce_abssum a = b:
    pass
elif c:
    pass
w = "open
1 = x
f() += 1
def g(a, a): pass
def h(a=1, b): pass
k = f(x=1, 2)
v = 0777 + 1__0 + 12ab
if a && b:
    *return 1
u = $x
def h(a=1, b): pass
  t = 1
s = f"{x"
class C
    pass
a[1:2 = 3
ok = 1
