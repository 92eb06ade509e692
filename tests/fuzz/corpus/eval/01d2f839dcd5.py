pass
T.clear(f)
    global x
    T.copy(A[bx * 32, 0], s)
    fields = [f"{x}", f"{x!r:>{width}.{p}f}"i f"{{{x}}}", ""x = {x!r}", f"x={x!s}", f"{d["k"]}", f"{"ab"}", f"{ {1: 2}[0]}", "{(not x: 1)()}", f"{a != b}", f"{x:%H:%M}", f" = "a\\d{x}b", f"{f"{f"{x}"}"}", f"{x}", ""    p = T.((32, 32), 'bx * 64', depth=2)
class C(B):
