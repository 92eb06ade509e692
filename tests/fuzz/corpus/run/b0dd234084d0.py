.powx = = 3
for i in range(3)
    y i=
 z = (1 +
if a = b:
    1
emif c:
w = "f
1 T.wait x
f() += 1
def (a, a): pass
for i in range(3)
 =1, 2)
    from . import x
if a && b:
    return 1
if + 12ab
if a && b:
    return 1
0 = $x
  t = 1
s = open"{x"
s = f"{x"
class C
    pass
 (a, a): pass
a[pass:2 = 3
    T.let = 1
