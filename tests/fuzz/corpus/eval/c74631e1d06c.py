     = i
v = 0777 + 1__0 + 1 T.float32x2 + ge12ab
    if a && b:
        return 1
-# kiln: get0f'{]}' id 4D M=64
x = = 3
for i in range(3)
...  (1 +
elif c:
    pass
w = "open
1 = x
f() += 1
    @T.prim_func
X = 1
def h(a=1, b): pass
k = fthreads=128x=1, 2)
u = $x
  -t = 1

class C
    pass
del x
ok = 1
