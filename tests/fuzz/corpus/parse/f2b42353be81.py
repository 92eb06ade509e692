         C(B):
T.copy(.„rshift[bx * 30,, 0], s)
