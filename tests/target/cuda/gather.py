# run: --input index=range(-2,40)
# Rows picked by an index in a pipelined loop, rows of 16 bytes and rows that are not; -1 and beyond read zeros; a scatter of the result.
import tilelang.language as T

@T.prim_func
def gather(
    index: T.Tensor((200,), "int32"),
    K: T.Tensor((37, 64), "bfloat16"),
    W: T.Tensor((37, 5), "float32"),
    O: T.Tensor((200, 64), "float32"),
    V: T.Tensor((200, 5), "float32"),
):
    with T.Kernel(2, threads=128) as bx:
        k_s = T.alloc_shared((32, 64), "bfloat16")
        w_s = T.alloc_shared((32, 5), "float32")
        o_s = T.alloc_shared((32, 64), "float32")
        v_s = T.alloc_shared((32, 5), "float32")
        for t in T.Pipelined(4, num_stages=2):
            for i, d in T.Parallel(32, 64):
                k_s[i, d] = K[index[bx * 128 + t * 32 + i], d]
            for i, d in T.Parallel(32, 5):
                w_s[i, d] = W[index[bx * 128 + t * 32 + i], d]
            for i, d in T.Parallel(32, 64):
                o_s[i, d] = k_s[i, d] * w_s[i, d % 5]
            for i, d in T.Parallel(32, 5):
                v_s[i, d] = w_s[i, 4 - d]
            T.copy(o_s, O[bx * 128 + t * 32, 0])
            T.copy(v_s, V[bx * 128 + t * 32, 0])
