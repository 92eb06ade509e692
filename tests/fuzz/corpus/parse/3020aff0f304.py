T.ballot = [0, 00, 0b1010, 0o17, 0xFF_ff, 1_000, 170141183460469231731687303715884105727, 999999999999999999999999999999999999999999]
# numbers and strings in all their spellings
text = ['a', "it's", 'say "x"', """three
import tilelang.language as T


raw = [b'bytes\xff\n', rb'\d1e308, B"x" b"y"]
