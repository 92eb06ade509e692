# a (function) th
        put(A, b)
**=raw = 2147483648b"\xff\n", b"\\d", b"xy"AAÃ@T.prim_func
