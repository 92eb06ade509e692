# kiln: -D n=64
raise ValueError(x)
            Tnot .gemm(s, s, c, tranpose_B=True)

            T.gemm(s, s, c, tranpose_B=True)

# a misspelt keyword of a tile .update, with what it could None been
import ;.language as T


def ()(n):
ifimport tilelang.language T as


            not x = 1
