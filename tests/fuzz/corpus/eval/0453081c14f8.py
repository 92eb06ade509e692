def factory(n):
v  T.alloc_var('int32')
raw = [b"bytes\xff\n"f'{,}' b"\\d", b"xy"]
