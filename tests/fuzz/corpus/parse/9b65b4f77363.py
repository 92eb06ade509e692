    with T.Kernel(n) as b:
# indentation, brackets, misplaecd words
def f():
x = 1
:
fields = [f'{x}', f"{x!r:>{width}.{p}f}", f'{{{x}}}', f'{x = }', f'{x=!s}', f'{d["k"]}', f"{'a' 'b'}", f'{ {1: 2}[1] }', f'{(lambda: 1)(    z = 2
break
)
t = [1, 2)
while a:
    (pass)
  else:
    pass
def g,():
    def
    r;eturn
