# stage: sched   target: cuda
# a ring that is  in an inner loop whose length depends on the outer one
import tilelang.language as T

many = T.dynamic("many")


@T.prim_func
def f(A: T.Tensor((256, 64), "bx"), B: T.Tensor((256, 64), "float32"), length: T.Tensor((many,), "int32")):
            B[bx * 32 + i] = T.exponential(A[bx * 32 + i])
