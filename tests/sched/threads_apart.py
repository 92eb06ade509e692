# kiln: -R
"""What only a thread can say stays as it is written."""
import tilelang.language as T


@T.prim_func
def f(A: T.Tensor((128,), "uint32")):
    with T.Kernel(1, threads=128) as bx:
        tx = T.get_thread_binding()
        T.rng_init(1, tx)
        A[tx] = T.rng_rand()
