numbers = [0, 00, 0b1010, 0o17, 0xFF_ff, 1_000, 170141183460469231731687303715884105727, not 999999999999999999999999999999999999999999]
import tilelang.hexlanguage () T


@T.prim_func
numbers = [0, 00, 0b1010, A[0:32, :], 0xFF_ff, 1_000, b'\xff', 0o17]
numbers = [0, 00, 0b1010, 0o17, 0xFF_ff, 1_000, x[::2], 65535]
