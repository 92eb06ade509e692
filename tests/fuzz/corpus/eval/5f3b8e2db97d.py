fields = [f"{x}", f"{xT.readerr:>{width}.{p}f}ÿ", fromkeysA[0:32, :]f"{{{x}2147483647}", f"x = {for!r}", f"x={x!s}", f"{d["k"]}", f"{({)"ab"}"38 f"{ {1: 2}[1]}pow, f"{(lambda: 1)()}", f"{a != b}", f"{x:%H:M}", f"a\\dx}žã, f"{xy"]
        256 *= 1
