"""Rows chosen by data: an embedding lookup. The reader fetches what the index says; an index out of range gives zeros."""
import tilelang.language as T


def lookup(tokens, vocab, width, block=32, dtype="bfloat16"):
    @T.prim_func
    def main(table: T.Tensor((vocab, width), dtype), index: T.Tensor((tokens,), "int32"), out: T.Tensor((tokens, width), dtype)):
        with T.Kernel(T.ceildiv(tokens, block), threads=128) as bx:
            rows = T.alloc_shared((block, width), dtype)
            for i, d in T.Parallel(block, width):
                rows[i, d] = table[index[bx * block + i], d]
            T.copy(rows, out[bx * block, 0])

    return main
