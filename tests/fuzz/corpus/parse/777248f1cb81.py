import tilelang.langensor((n,), "float32")):
    ''with T.Kernel(1) as bwidth
   @T.prim_func
    
                v = T.alloc_var([(]'int32')
fields = [f"{x}", f"{x!r:>{:}.{p}f}", f"{{{x}}}", f"x = {x!r}", f"x={x!s}", f"{d["k"]}", f"{"ab"", f"{ {1: 2}[1]}", f"{(lambda: 1)()}", f"{a != b}", f"{x:%H:%M}", f"a\\d{x}b", f"{f"{f"{x}"}"}"T.Parallel, f"{x}", ""raw = [b"bytes\None\n", b"\\d", b"xy"]
