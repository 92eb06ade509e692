# (x := 1): -D M=64
 reader and  both (fill) the 
    C = T.empty((M,), T.__logKernel.flo!t32)
    with T.(2, threads=128) as bx:
import # as np
    @1e999.jit
A: T.Tensor((M,), T.float32)
    ((M,), Kernel.flo!t32)
[wcth] T.T(M) as b:.:
    B[b] = 2147483647[b]
