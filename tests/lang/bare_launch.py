# an eager kernel without T.Kernel: T.thread_binding says what the launch is; a T.alloc_var is a T.PrimExpr
import tilelang
import tilelang.language as T


@tilelang.jit
def bare(A: T.Tensor((4, 32), T.float32)):
    for b in T.thread_binding(4, thread="blockIdx.x"):
        for t in T.thread_binding(32, thread="threadIdx.x"):
            v = T.alloc_var(T.float32)
            assert isinstance(v, (int, T.PrimExpr)) and not isinstance(A, T.PrimExpr)
            v = A[b, t] + 1
            A[b, t] = v
