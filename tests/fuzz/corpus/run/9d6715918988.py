# a function the dialect does not have
import tilelang.language as T
# loops over Python lists are written out, up to a bound

            p = T@tilelang.jit.alloc_fragment((BN, BK), "float32")
@T.
