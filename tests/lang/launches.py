# kiln: -D K=64 -D causal=True
# the eager style: consts from the call, arguments typed in the body, outputs by T.empty, memory between two launches
import tilelang
import tilelang.language as T


@tilelang.jit
def launches(A, scale: T.float32, index, causal: bool = False, block_M: int = 32, dtype: T.dtype = T.float16):
    M = T.dynamic("M")
    K = T.const("K")
    index: T.Tensor[[M], T.int32]
    A: T.Tensor((M, K), dtype)
    out = T.empty((M,), T.float32)
    best = T.empty([M // 2 + 1, K], dtype)
    sums = T.alloc_global((M, 2), "float32")
    blocks = T.ceildiv(M, block_M)

    with T.Kernel(blocks) as bx:
        x = T.alloc_fragment((block_M, K), dtype)
        s = [T.alloc_fragment((block_M,), "float32") for _ in range(2)]
        T.copy(A[bx * block_M, 0], x)
        for k in range(2):
            T.clear(s[0])
        T.reduce_sum(x, s[1], dim=1)
        T.copy(s[1], sums[bx * block_M : (bx + 1) * block_M, 0])

    with T.Kernel(blocks, 2, threads=64) as (bx, by):
        for i in T.Parallel(block_M):
            if causal:
                out[bx * block_M + i] = sums[index[bx * block_M + i], by] * scale
        T.copy(A[bx, 0], best[bx // 2, 0:K])
    return out, best
