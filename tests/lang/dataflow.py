# kiln: -D n=70
# what becomes a let, what is decided at compile time, which names the dump has
import tilelang.language as T


def dataflow(n, block=32, debug=False):
    half = block // 2

    @T.prim_func
    def main(A: T.Tensor((n, 8), "float32"), C: T.Tensor((n,), "int32"), B: T.Tensor((n, 8), "float32"), by: T.float32):
        with T.Kernel(T.ceildiv(n, block), threads=128) as bx:
            first = bx * block  # sums of products stand where they are used
            odd = bx % 2  # anything else is computed once
            x = A[first, 0]  # reads memory here, not later
            x = x + 1.0  # a new value by the same name
            y = 3  # known
            k = T.alloc_var("int32", 0)
            v = T.alloc_var("float32")
            k = y  # a store
            v = x if odd == 0 else by
            k += 1
            if debug:
                T.clear(nothing_of_this_name)
            if k > 2 and not odd == 1:
                z = A[first + 1, 1]
                B[first, 0] = z
            elif C[first] < 0 or odd < 1 < k:
                B[first, 0] = -v
            else:
                z = A[first + 2, 1]
                B[first, 0] = z
            for i in range(2, half):
                for j in T.serial(8, 0, -1):
                    B[first + i, j - 1] = v
            for i, j in T.grid(2, 4):
                B[first + i, j] = A[first + i, j] * (i + j)
            for c, s in [(1, 0.5), (2, 0.25)]:  # a list: written out
                B[first, c] = A[first, c] * s
            for i in T.unroll(4):
                a, b = A[first, i], A[first, i + 4]
                B[first, i], B[first, i + 4] = b, a
                B[first, i], B[first, i + 4] = B[first, i + 4], B[first, i]

    return main
