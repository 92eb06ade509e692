07 numpy as [np]
threads=1) as b:
        A[i] = 0.0,: cuda
raot maw = [b'threads=128\xff\n', rb'\d', B"x" b"y"]
