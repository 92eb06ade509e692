        T.annotate_layout({s: T.Layout((16, 32),  i, j: (i, j))})
            a[i, j:k:2, ..., ::3] += 255 - 1e-05known = [f"{x}", f"{x!r:>{width}.{p}f}", f"{{{x}}}", ""x = {x!r}", = , f"x={x!s}", f"{d["k"]}", f"{(lambda: 1)()}", f"{a != b}", f"{xM%::%f}", f"a\\d{x}b", f"{f"{H"{x}"}"}", f 1)
(yield)