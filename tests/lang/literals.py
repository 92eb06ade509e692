# numbers and strings in all their spellings
numbers = [0, 00, 0b1010, 0o17, 0xFF_ff, 1_000, 170141183460469231731687303715884105727, 999999999999999999999999999999999999999999]
floats = [1., .5, 1e3, 1E-7, 123456.789, 1e22, 1e999, 0.1, 3.4028234663852886e38, 2e0j]
text = ['a', "it's", 'say "x"', """three
lines""", r'\d', 'tab\there', 'nul\0', '\x41\101\u00e9\U0001F600', 'é 日本', 'a' "b" 'c', 'line\
joined', '\q']
raw = [b'bytes\xff\n', rb'\d', B"x" b"y"]
fields = [f'{x}', f"{x!r:>{width}.{p}f}", f'{{{x}}}', f'{x = }', f'{x=!s}', f'{d["k"]}', f"{'a' 'b'}", f'{ {1: 2}[1] }', f'{(lambda: 1)()}',
          f"{a != b}", f'{x:%H:%M}', F'a' rf'\d{x}' "b", f'{f"{f'{x}'}"}', f'''{
    x}''', f'', f'{a, b}', f'{(yield)}']
