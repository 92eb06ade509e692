# run: --input A=range(0,4) --input B=normal
"""What is fetched depends on what was computed: one sequence."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((32,), "int32"), B: T.Tensor((200, 32), "float32"), C: T.Tensor((32,), "float32")):
    with T.Kernel(1, threads=128) as bx:
        a = T.alloc_fragment((32,), "int32")
        total = T.alloc_fragment((1,), "int32")
        row = T.alloc_shared((32,), "float32")
        T.copy(A, a)
        T.reduce_sum(a, total, dim=0)
        T.copy(B[total[0], :], row)
        for i in T.Parallel(32):
            C[i] = row[i] * 2.0
