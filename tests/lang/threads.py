# threads: indices, warps, shuffles, votes, barriers, warp groups; names of the launch do not clash with those of the program
import tilelang.language as T


@T.macro
def lane_sum(x, out: T.Ref):
    for d in T.unroll(5):
        x_ = T.alloc_var("float32", x)
        out += T.shfl_xor(x_, T.shift_left(1, d))


@T.prim_func
def threads(A: T.Tensor((512,), "float32"), B: T.Tensor((512,), "uint32"), C: T.Tensor((8,), "float32")):
    with T.Kernel(2, threads=(64, 4)) as bx:
        for tx in T.serial(1):
            C[tx] = 0.0
        x, y, z = T.get_thread_bindings()
        s = T.alloc_shared((64,), "float32")
        total = T.alloc_var("float32", init=0.0)
        if y == 0:
            s[x] = A[T.get_block_binding() * 64 + x]
        T.sync_threads()
        T.sync_threads(3, 64)
        lane_sum(s[x], total)
        v = T.shfl_sync(total, 0, width=16)
        T.shfl_down(v, 1)
        with T.ws(1):
            B[x] = T.ballot(v > 0.0) | T.activemask()
        with T.ws(0, 1):
            C[z] = T.warp_reduce_max(v)
        if T.shuffle_elect(128) and T.any_sync(v > 1.0):
            B[T.get_warp_idx()] = T.Cast("uint32", T.get_lane_idx())
        B[x + 1] = T.Cast("uint32", T.syncthreads_count(v > 2.0) + T.__ffs(B[x]) + T.get_warp_group_idx())
        with T.If(v < 0.0):
            with T.Then():
                T.thread_return()
            with T.Else():
                T.sync_warp()
        for k in T.serial(8):
            if v > 3.0:
                T.loop_break()
            C[k] = v
        T.rng_init(7, offset_of(bx))
        B[x] = T.rng_rand()
        C[0] = T.rng_rand_float(dist="normal")


def offset_of(b):
    return b * 2
