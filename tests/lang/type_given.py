# kiln: -D kind=bfloat16 -D name=float16
# a parameter that is said to be a T.dtype gets one: what -D gives has its attributes
import tilelang.language as T


def type_given(kind: T.dtype, name: str = "float32"):
    assert kind.bits == 16 and kind != "float16" and name.upper() == "FLOAT16"

    @T.prim_func
    def main(A: T.Tensor((32,), kind), B: T.Tensor((32,), name)):
        with T.Kernel(1, threads=32 // kind.bytes):
            for i in T.Parallel(32):
                B[i] = A[i]

    return main
