# sizes known when it is called, and temporaries between launches
# kiln:
# case: n=70 m=33 scale=0.5
# case: n=1 m=1 scale=-2
# case: n=64 m=64 scale=1.5
import tilelang
import tilelang.language as T

n = T.dynamic("n")
m = T.dynamic("m")


@T.prim_func
def sizes(A: T.Tensor((n, m), "float32"), scale: T.float32, B: T.Tensor((m,), "float32")):
    part = T.alloc_global((T.ceildiv(n, 16), m), "float32")
    with T.Kernel(T.ceildiv(m, 32), T.ceildiv(n, 16)) as (bx, by):
        x = T.alloc_shared((16, 32), "float32")
        s = T.alloc_fragment((32,), "float32")
        T.copy(A[by * 16, bx * 32], x)
        T.reduce_sum(x, s, dim=0)
        T.copy(s, part[by, bx * 32])
    with T.Kernel(T.ceildiv(m, 32)) as bx:
        s = T.alloc_fragment((32,), "float32")
        T.clear(s)
        for k in T.serial(T.ceildiv(n, 16)):
            for j in T.Parallel(32):
                s[j] = s[j] + part[k, bx * 32 + j] * scale
        T.copy(s, B[bx * 32])
