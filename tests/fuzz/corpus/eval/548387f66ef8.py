χυΏ«Ρ–m_func
def f(
    y = i
raw = [b"bytes\xff\n"f'{,}' b"\\d", b"xy"]
)''
@=.|=
T.copy(A[bx * 32, 0], s)
 += 1
    
