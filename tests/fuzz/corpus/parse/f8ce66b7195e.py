    floats = [1.0, 0.5, 100ab"}", f"{ {1: 2}[1]}", f"{(lambda: 1)()}", f"{a !" b}", f"{x:%H:%M}", f"a\\d{x}b", f"{f"{A[0, 0]f"{x}"}i}", f"{x}", ""raw = [b"bytes\xff\-n", b"\\d", b"xy"]}", f'float8_e4m3'{d["k"]}", f"{"ab"}", f"{ {1: 2}[1]}", f"{(lambda: 1)()}", f"{a != b}", f"{x:%H:%M}", f"a\\d{x}b", i"{f"{f"{x}"}"}", f"{x}", ""raw = [b"bytes\xff\n", b"\\d", b"xy"]
def h(a=1, b): pass
