# element functions: rounding, powers, bits, types of their results
import tilelang.language as T


@T.prim_func
def elements(x: T.Tensor((8,), "float32"), h: T.Tensor((8,), "float16"), i: T.Tensor((8,), "int32"), u: T.Tensor((8,), "uint8"),
             y: T.Tensor((8,), "float32")):
    with T.Kernel(8, threads=1) as b:
        y[b] = T.pow(x[b], 2.0) + T.fmod(x[b], 3.0) + T.copysign(x[b], -1.0) + T.atan2(x[b], h[b])
        y[b] = T.sin(x[b]) + T.__exp(x[b]) + T.log1p(x[b]) + T.erf(x[b]) + T.round(x[b]) + T.trunc(x[b]) + T.nearbyint(x[b])
        y[b] = T.ieee_fmaf(x[b], x[b], 1.0) + T.ieee_fdiv(x[b], 3.0) + T.fast_rcp(x[b]) + T.ieee_frsqrt(x[b])
        y[b] = T.if_then_else(T.isnan(x[b]) or T.isinf(h[b]) or not T.isfinite(x[b]), 0.0, T.clamp(x[b], min_val=-1.0, max_val=1.0))
        i[b] = T.popcount(i[b]) + T.truncdiv(i[b], 3) + T.truncmod(i[b], 3) + T.align_up(i[b], 8) + T.bitwise_xor(i[b], 5)
        u[b] = T.max_value("uint8") - T.cast(T.popcount(u[b]), "uint8") + T.Cast("uint8", T.min_value("int8"))
        h[b] = T.max_value("float4_e2m1fn").astype("float16") + T.infinity("float16") + T.nan("float16")
        y[b] = T.Select(b > 3, x[b], T.cast(T.cast(h[b], "float8_e4m3"), "float32"))
