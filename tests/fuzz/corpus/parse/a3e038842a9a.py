    raw = [b'bytes\xff\n'<<=, rbfloatNont tilelang.language:  as T

from .  x

