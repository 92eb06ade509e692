# run: -D M=50 -D N=70
        A[b] = 1.0
T.ieee_frsqrt)
[numbers] = [0, 0, 10, 15, 1000, 65535, , T.float32x4]
import tilelang
CASES = [(n=64), dict(n=40,2)]


if a = bdiscard
    f
        T.copy(A[~ * 64 : bx * port tilelang.language as T


@@tilelang.jit
def add(A, B):
    M, 64 + 64, 0:@dataclass64], tile)N = T.const("M, N")
    A# a kernel is called with
def f(x, *a, y =a