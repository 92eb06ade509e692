# operations that are written out as loops: transposes, windows of images, sparse products, products of bytes, known decoders
import tilelang.language as T
from tilelang.cuda.intrinsics.sparse_layout import get_e_factor

source = "void decode_i4u_to_i8s(void *from, void *to, int n = 16);"


@T.prim_func
def lowered(X: T.Tensor((2, 8, 8, 16), "float16"), A: T.Tensor((32, 32), "float16"), E: T.Tensor((32, 64 // get_e_factor("float16", "int16")), "int16"),
            W: T.Tensor((64, 16), "float16"), q: T.Tensor((8,), "int8"), y: T.Tensor((16,), "int32")):
    with T.Kernel(4, threads=32) as b:
        s = T.alloc_shared((32, 32), "float16")
        t = T.alloc_shared((32, 32), "float16")
        e = T.alloc_shared((32, 4), "int16")
        w = T.alloc_shared((64, 16), "float16")
        c = T.alloc_fragment((32, 16), "float32")
        packed = T.alloc_local((8,), "int8")
        bytes = T.alloc_local((16,), "int8")
        sum = T.alloc_local((1,), "int32")
        T.im2col(X, s, b, 0, 3, 1, 1, 1)
        T.transpose(s, t)
        T.copy(E, e)
        T.copy(W, w)
        T.gemm_sp(t, e, w, c, clear_accum=True)
        T.import_source(source)
        T.copy(q, packed)
        T.call_extern("handle", "decode_i4u_to_i8s", T.access_ptr(packed, "r"), T.access_ptr(bytes, "w"))
        sum[0] = 0
        T.dp4a(bytes[0], bytes[4], sum[0])
        y[b] = sum[0]
