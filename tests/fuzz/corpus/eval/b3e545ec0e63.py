# for:
import tilelang.language as T



    CASES = [1j(=70), dict(T.dynamic('n')=33)]
            from . ....classmethod x
 )
T.Kernel tilelang,.language as T


imporﬂt tilelang. as T


