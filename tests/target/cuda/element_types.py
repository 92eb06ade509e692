# run:
# Element code of every width: conversions, bits, integers that wrap, booleans, floor division, selections.
import tilelang.language as T

@T.prim_func
def element_types(
    X: T.Tensor((300,), "float32"),
    K: T.Tensor((300,), "int32"),
    E4: T.Tensor((300,), "float8_e4m3fn"),
    E5: T.Tensor((300,), "float8_e5m2"),
    H: T.Tensor((300,), "float16"),
    BF: T.Tensor((300,), "bfloat16"),
    D: T.Tensor((300,), "float64"),
    I8: T.Tensor((300,), "int8"),
    U8: T.Tensor((300,), "uint8"),
    L: T.Tensor((300,), "int64"),
    U: T.Tensor((300,), "uint32"),
    FLAG: T.Tensor((300,), "bool"),
    Q: T.Tensor((300,), "int32"),
    S: T.Tensor((300,), "float32"),
):
    with T.Kernel(3, threads=128) as bx:
        x = T.alloc_fragment((128,), "float32")
        h = T.alloc_shared((128,), "float16")
        for i in T.Parallel(128):
            x[i] = X[bx * 128 + i] * 3.0
        for i in T.Parallel(128):
            h[i] = x[i]
        for i in T.Parallel(128):
            E4[bx * 128 + i] = T.cast(x[i], "float8_e4m3fn")
            E5[bx * 128 + i] = T.cast(x[i], "float8_e5m2")
            H[bx * 128 + i] = h[i] * h[i] + T.float16(0.5)
            BF[bx * 128 + i] = T.cast(x[i], "bfloat16") * T.cast(x[i], "bfloat16")
            D[bx * 128 + i] = T.cast(x[i], "float64") / T.float64(3.0)
        for i in T.Parallel(128):
            k = K[bx * 128 + i]
            I8[bx * 128 + i] = T.cast(k, "int8") + T.cast(k, "int8")
            U8[bx * 128 + i] = T.cast(k, "uint8")
            L[bx * 128 + i] = T.cast(k, "int64") * T.int64(1000000000000)
            U[bx * 128 + i] = T.cast(k, "uint32") >> 3
            FLAG[bx * 128 + i] = k % 3 == 0
            Q[bx * 128 + i] = k // 7 + (k - 50) % 5
            S[bx * 128 + i] = T.if_then_else(k < 0 or k % 2 == 1, T.reinterpret(k | 0x3F000000, "float32"), T.abs(x[i]))
