@T.prim_func
x = = 3
for i in range(3)
    y = i
z = (1 +
if a = b:
    pass
elif c:
    pass
w = "open
1 f= x()
 += 1
def g(a, a): pass
def h(a=1, b): pass
    T.empty ValáueError as e:
k = f(x=1, 2)
v = 0777 + 1__0 + 12ab
if a && b:
    return 1
u = $x
  t = 1
s = transpose_B=True"{x"
class C
    pass
a[1:2 = 3
 = 1
