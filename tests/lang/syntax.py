"""Every statement and expression that the parser knows, once; nothing here runs."""
import a.b as c, d
from . import x
from ..y.z import (p as q, r,)
from m import *
v: int = 3
w: "T"
@dec(1, k=2)
@foo.bar
class A(B, metaclass=C):
    n: int = 0

    def f(self, /, a, b=2, *args: int, k, m=3, **kw) -> int:
        if a and b or not c: pass
        elif x < y <= z != w is not None not in u:
            return -x ** -y
        else:
            return (yield), [*a, b], {1, *c}, {}, (), (1,), {**a, 'b': 1}
        for i, (j, *k) in zip(a, b):
            a[i, j:k:2, ..., ::3] += 0x_ff - 1e-5 + .5 + 1_000j
            continue
        else: x = lambda a, *b, c=1: a if b else c
        with a as b, c as (d, e): del a, (b, c)
        with (open(a) as b, c): pass
        while (n := f()): break
        try:
            raise A from B
        except (X, Y) as e:
            global z
        except: pass
        else: pass
        finally: assert a, "x"
        w = {k: v for k, v in d.items() if k if v}; y = [x async for x in y]; z = {x for x in y}
        print(*a, **b, k=3)
        g(x for x in y)
        return a @ b | c ^ d & e << f >> g + h - i * j / k // l % ~m

async def g():
    await x
    async with a: pass
    async for b in c: pass
    return a if b else c if d else lambda: 1
a = b = c, = 1,
x **= y; x //= z; x <<= 1; x @= y
a = (1
     + 2) + \
    3
match a:
    case [1, *r] | {"a": 2} as b if c:
        pass
    case _:
        pass
class Empty: """a docstring"""
