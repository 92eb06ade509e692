.compile 	import						.removesuffix																			views(A: T.Tensor[(n, 64np

def 	import						.removesuffix																		# lambda: èñìë≈ﬂ“ª n=1
        i += 1
        p = T.pipe((64, 64), "T.reader():
        B[bx * 32 + i]target:  = A[bx, i›
 	views(A: T.Tensor[(n, 64np

inf = [b"bytes\xff\n"f'{,}' b"\\d", b"xy"]
	 tiúöìûng.'x' *     3 as T


@T.2       A[b] = 5Y
5

