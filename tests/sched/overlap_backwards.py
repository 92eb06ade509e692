# run: --input n=range(0,4)
"""A loop that runs down, perhaps not at all, with two products in it: the next first one runs beside the last one of before."""
import tilelang.language as T


@T.prim_func
def f(
    Q: T.Tensor((128, 64), "bfloat16"),
    K: T.Tensor((256, 64), "bfloat16"),
    V: T.Tensor((256, 64), "bfloat16"),
    n: T.Tensor((2,), "int32"),
    O: T.Tensor((128, 64), "float32"),
):
    with T.Kernel(1, threads=256) as bx:
        q = T.alloc_shared((128, 64), "bfloat16")
        k = T.alloc_shared((64, 64), "bfloat16")
        v = T.alloc_shared((64, 64), "bfloat16")
        s = T.alloc_fragment((128, 64), "float32")
        p = T.alloc_fragment((128, 64), "bfloat16")
        acc = T.alloc_fragment((128, 64), "float32")
        T.copy(Q, q)
        T.clear(acc)
        for t in T.serial(n[0] - 1, -1, -1):
            T.copy(K[t * 64, 0], k)
            T.gemm(q, k, s, transpose_B=True, clear_accum=True)
            for i, j in T.Parallel(128, 64):
                s[i, j] = T.max(s[i, j], 0.0)
            for i, j in T.Parallel(128, 64):
                acc[i, j] = acc[i, j] * 0.5
            T.copy(s, p)
            T.copy(V[t * 64, 0], v)
            T.gemm(p, v, acc)
        T.copy(acc, O)
