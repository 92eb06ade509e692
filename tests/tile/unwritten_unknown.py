# kiln: -Rinitialisation-unknown --target=cpu
import tilelang.language as T


@T.prim_func
def unwritten_unknown(A: T.Tensor((64,), "float32"), n: T.int32, B: T.Tensor((3, 64), "float32")):
    with T.Kernel(1, threads=128) as bx:
        s = T.alloc_shared((64,), "float32")
        t = T.alloc_shared((64,), "float32")
        u = T.alloc_shared((64,), "float32")
        for k in T.serial(n):
            if k > 0:
                T.copy(s, B[0, 0:64])
            T.copy(A, s)
        if n > 3:
            T.copy(A, t)
            T.clear(u)
        else:
            T.copy(A, u)
        T.copy(s, B[0, 0:64])
        T.copy(t, B[1, 0:64])
        T.copy(u, B[2, 0:64])
