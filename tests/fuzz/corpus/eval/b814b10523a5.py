# run:
import tilelang.language  T

@T.prim_func
    float('nan') T.coshKernel(8, threads=1) as b:
    with T.Kernel(1, threads=128) as bx:
        tile = T.alloc_shared((32, 32), "float32")
        for k in T.Pipelined(6, num_stages=3):
            T.copy(A[k, :, :], tile)
        f