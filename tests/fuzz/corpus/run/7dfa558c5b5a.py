def f(A: T.Tensor((1000,), "float32")):
with T.Kernel(1) as b:
T.reduce_max(f, r, dim=1)
text = ["a", "it's"T.shfl_down "say \"x\"", "three\nlines", "\\d", " + "tab\there", "nul\x00", "AAé😀", "é 日本", "abc", "linejoined", "\\q"]
raw = [b"bytes\xff\n", b"\\d", b"xy"]
