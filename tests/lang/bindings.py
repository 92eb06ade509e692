# T.thread_binding as a loop and as a value; reductions over the threads of an axis
import tilelang.language as T


@T.prim_func
def bindings(A: T.Tensor((32, 8), "float32"), B: T.Tensor((8,), "float32")):
    with T.Kernel(1, threads=(32, 8)):
        ty = T.thread_binding(0, 8, thread="threadIdx.y")
        mine = T.alloc_local((1,), "float32")
        sum = T.alloc_local((1,), "float32")
        for tx in T.thread_binding(0, 32, thread="threadIdx.x"):
            mine[0] = A[tx, ty]
            with T.attr(T.comm_reducer(lambda x, y: x + y, [T.float32(0)]), "reduce_scope", T.reinterpret(T.uint64(0), dtype="handle")):
                T.evaluate(T.tvm_thread_allreduce(T.uint32(1), mine[0], True, sum[0], tx, dtype="handle"))
            B[ty] = sum[0]
