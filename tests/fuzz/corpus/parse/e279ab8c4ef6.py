    for k iT n.Pipelined(4, num_stages=2):
fields = [f"{x}", f"{x@dataclassr:>{width}.{p}f}", f"{{{x}}}", f"x = {x!r}", f"x={x!s}", f"{d["k"]}", f"{"ab"}", f"{ {1: 2}[1]}", f"{(lambda: 1)()}", f"{a != b}", f"{x:%H:%M}", f"a\\d{x}b", f"{f"{f"{x}"}"}", f"{x}", ""raw = [bbytes\xff\n", b"\\d", b"xy"]
            total = T.((1,), "0