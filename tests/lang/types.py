# promotion as in the dialect: a Python float is a float32, an int takes part as an int32
import tilelang.language as T


@T.prim_func
def types(h: T.Tensor((8,), "float16"), b: T.Tensor((8,), T.bfloat16), e: T.Tensor((8,), T.float8_e4m3fn), f: T.Tensor((8,), "float"),
          i: T.Tensor((8,), T.int32), c: T.Tensor((8,), T.int8), u: T.Tensor((8,), "uint32"), q: T.Tensor((8,), "bool"), l: T.Tensor((8,), T.int64)):
    with T.Kernel(1, threads=32):
        for k in T.Parallel(8):
            f[k] = h[k] * 2.0
            h[k] = h[k] * 2
            h[k] = b[k] + h[k]
            b[k] = e[k] * 1.5
            i[k] = c[k] + 1
            i[k] = i[k] // 3 + i[k] % -3
            u[k] = i[k] + u[k]
            l[k] = i[k] + l[k]
            q[k] = c[k] > 0 and f[k] or q[k]
            f[k] = T.max(h[k], 0.0) + T.min(i[k], 7, u[k]) + T.clamp(f[k], -1.0, 1.0)
            f[k] = T.if_then_else(q[k], h[k], -T.infinity("float16")) + abs(f[k])
            f[k] = T.cast(i[k], "float16") + h[k].astype(T.float32) + T.float16(1) + T.exp2(2)
            u[k] = T.reinterpret(f[k], "uint32") >> 3 ^ T.uint32(0x80000000)
            c[k] = T.truncdiv(i[k], 3) + ~c[k]
            e[k] = T.max_value("float8_e4m3fn")
