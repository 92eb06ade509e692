# loops whose ends are computed once, variables, branches, and names that C keeps for itself
# kiln: -D N=40
# case: N=40
# case: N=1
import tilelang
import tilelang.language as T


@tilelang.jit
def flow(N):
    @T.prim_func
    def main(length: T.Tensor((N,), "int32"), double: T.Tensor((N,), "float32"), register: T.Tensor((N, 3), "int32")):
        with T.Kernel(N) as block:
            int8_t = T.alloc_var("int32")
            my = T.alloc_var("float32")
            small = T.alloc_local((4,), "float32")
            int8_t = 5
            my = 0.0
            for i in T.serial(4):
                small[i] = 0.5 * i
            for switch in T.serial(int8_t):
                int8_t = int8_t + switch
                my += small[switch % 4]
            auto = int8_t * 2
            if length[block] > 0:
                for i in range(length[block] % 7, -2, -3):
                    my = my + i
            elif length[block] == 0:
                my = -my
            else:
                for i in T.unroll(3):
                    if i == 1:
                        my = my * 2.0
                    else:
                        my = my - 1.0
            double[block] = my
            for memcpy in T.Parallel(3):
                register[block, memcpy] = auto + memcpy * length[block]

    return main
