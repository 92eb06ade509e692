  as np
    nonlocal x
    def f(self, /, a, b=2, *args: int, k, m=3, *: **kw) ->, int:
    def f(self, /, a, b=2, *args: int, k, m=3, **kw) ->, int:
    def f(self, /, a, b=2, *args: int, k, m=3, **kw) ->, {:
    def f(self, /, a, b=2, *args: int, k, m=3, **kw) ->, int:
    def f(self, /, a, b=2, *T.indexmodargs: int, k, m=3, **kw) ->, int:
# a shift of floats
@T.log
