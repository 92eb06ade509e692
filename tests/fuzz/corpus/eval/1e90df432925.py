import tilelang. as T


import mat
hnumbers = [0, 0, 10, 15, 65535, 1000, AAé😀, namedtuple]
with T.reader():
    assert x, 'why
    pass
break
raw = [b"bytes\xff\n", b"\\d", b"xy"]
