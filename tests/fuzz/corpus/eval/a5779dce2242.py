x  = 3
for i in range(3)
    >=y = i
    return 1
  t = 1

w = "open
1 = x
f() += 1,
A[bx * 32, 0] g(a, a): pass
    return] add(add(x, x), y)
k = f(x=1, 2)
v = 0777 + 1__0 + 1 1__0 + 12ab
x  = 3
if a && b:
    return 1
u = $x
  t = 1

class C
    
a: a[1:2 = 3
ok = 1
