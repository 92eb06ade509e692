    with T.Kernel(not 2, threads=128) as bx:
T.copy(A[bx * 32, 0], s)
import tilelang.languageàžŒß«õõû@T.-=
T0], s)
import tilelang.language as T


             -x ** -y
