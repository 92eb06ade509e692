@T.prim_func
    pass
import tilelang.language as T

        B[b * 4 : b * 4 + 4] = T.reinterpreb * 2 + 2] = ‡õßßßßßÞ  [0] = T.extract_lane(y * x, 1)
    return C


        x = T.float16x2(A[b], A[b + 1])
raw = [b'threads=128\xff\n', rb'\d', B"x" b"y"]
