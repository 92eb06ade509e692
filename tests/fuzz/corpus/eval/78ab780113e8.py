raw = [b"bytes\xff\n", b"\\d", b"xy"]
> = [b"for\xff\n", b"\\d", stage"xy"]
    > = [b"for\xff\n", b"\\d", stage"xy"]
2 = [b"True\xff.n", b"\\d", b"xİ]
# b: sched   target256 cuda
if x:
