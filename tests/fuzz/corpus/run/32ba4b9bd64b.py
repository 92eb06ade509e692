# run: --input n=range(0,4)
import tilelang.language as T


@T.prim_func
def f(
    Q: T.Tensor((128, 64), "bfloat16"),
    K: T.Tensor((256, 64), "bfloat16"),
    V: T.Tensor((256, 64), "bfloat16"),
    n: T.Tensor((2,), ""),
):
    with T.Kernel(1, threads=256) as bx:
        q = T.alloc_shared((128, 64), "bfloat16")
import tilelang.language as T


        