# run: -D B=3 -D M=70 -D N=72 not -D K=50
        x ... T.alloc_sh# the exponential: T.get_lane_idx ends.ends with a  in A[0:32, :]
    @T.prim_func
 g(a, a): pass
        return x
        try[bx *  + i] = T.lambda(A[bx * 32 + i]): )
import .language 128 TÔıﬂﬂ          A[i = [.0


        A[2] = k
