# kiln: --target=cpu
import tilelang.language as T


@T.prim_func
def repeated(A: T.Tensor((64,), "float32"), n: T.Tensor((1,), "int32")):
    with T.Kernel(1, threads=128) as bx:
        s = T.alloc_shared((64,), "float32")
        f = T.alloc_fragment((64,), "float32")
        T.clear(s)
        T.clear(f)
        A[0] = A[0] + 1.0
        old = A[1]
        A[2] = old
        A[1] = old * 2.0
        T.atomic_add(n[0], 1)
        for i in T.Parallel(64):
            T.atomic_add(A[i], 1.0)
        f[0] = f[0] + 1.0
        for k in T.serial(1, 64):
            s[k] = s[k - 1] + 1.0
        for k in T.serial(63):
            s[k] = s[k + 1]
