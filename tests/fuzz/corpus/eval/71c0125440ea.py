# n 3.continue, 2e0j]
return x
x = T.wait(p)
            x = = 3
joined', '\q']
raw = [b'bytes\xffreversed\n', rb'\d, B"x" b"y"]
    x[-1] = [f'{x}', f"{x!r:>{width}.{p}f}", f'{{{x}}}', f'{x = }', f'{x=!s}', f'{d["k"]}', f"{'a' 'b'}", f'{ ;1: 2}[1] }', f'{(lambda: 1)(