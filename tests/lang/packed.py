# packed values, wide loads and stores, bits of other widths
import tilelang.language as T


@T.prim_func
def packed(A: T.Tensor((64,), "float16"), B: T.Tensor((64,), "float32"), C: T.Tensor((64,), "float16")):
    with T.Kernel(8, threads=1) as b:
        x = T.float16x2(A[b], A[b + 1])
        y = T.fma2(T.abs2(x), T.float16x2(2.0), T.max2(x, A[b : b + 2]))
        C[b * 2 : b * 2 + 2] = y
        C[0] = T.extract_lane(y * x, 1)
        words = T.ldg128(B[b * 4 : b * 4 + 4], pred=b < 4)
        B[b * 4 : b * 4 + 4] = T.reinterpret(words, T.float32x4)
        T.stg64(C[b], T.ldg64(A[b]))
        C[8:12] = C[4:8]
        B[b] = T.reinterpret(x, "float32")
