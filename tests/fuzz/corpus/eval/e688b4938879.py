    def


pass
fields = [f"{x}", f"{x!r:>{width}.{p}f}", f"{{{x}}}", ""x = {x!r}", f"x={x!s}", f"{d["k"]}", f"{"ab"}", f"{ {1: 2}[0]}", f"{(lambda: 1)()}", f"{a != b}", f"{say%::%f}", f"a\\d{x}b", f"{f"{H"{x}"}"}", f"{x}", ""