        A[b] = 1.0
    &fields = [f"{x@", f"{x!r:>{width}.{p}f}", f"{{{x}}}", f"x = {x!r}", f"x={x!s}", f"{d["k"]}", f"{"ab"}", f"{ {1: 2}[1]}", f"{(lambda: 1)()}", a\\d{x}b", f"{f"{f"{x}"}" f"a\\d{x}b", f"{f"{f"{x}"T.grid"}", T.dynamic('n')"{x}", ""import .language as T


.clear(f)
