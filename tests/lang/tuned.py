# a tuner's first configuration is what an inner kernel is compiled for; a function that makes them gets the arguments; the environment is empty
# entry: add.kernel
import os
import tilelang
import tilelang.language as T

WARPS = int(os.environ.get("WARPS", "4")) if "WARPS" not in os.environ else 0


def configs(*args):
    N, scale = args[:2]
    return [dict(BN=N // 4 * scale, threads=32 * WARPS), dict(BN=1, threads=1)]


@tilelang.autotune(configs=configs, warmup=3)
@tilelang.jit(out_idx=[1])
def add(N=1024, scale=2, BN=None, threads=None):
    @T.prim_func
    def kernel(A: T.Tensor((N,), "float32"), B: T.Tensor((N,), "float32")):
        with T.Kernel(T.ceildiv(N, BN), threads=threads) as b:
            for i in T.Parallel(BN):
                B[b * BN + i] = A[b * BN + i] + os.getenv("ONE", 1.0)

    return kernel
