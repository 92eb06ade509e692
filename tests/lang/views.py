# views of buffers, tensors with strides and at addresses, T.Tensor with a subscript
import tilelang.language as T

n = T.dynamic("n")
m = T.dynamic("m")


@T.prim_func
def views(A: T.Tensor[(n, 64), "float16"], S: T.StridedTensor((n, 8), (m, 2), "float32"), F: T.Tensor[64, "float32"], p: T.ptr,
          ptrs: T.Tensor((4,), "int64")):
    flat = T.Tensor((8, 8), "float32", F.data)
    with T.Kernel(4, threads=64) as bx:
        t = T.alloc_shared((4, 64), "float16")
        half = T.view(t, shape=[64, 4])
        bits = T.view(t, dtype="uint32")
        f = T.alloc_fragment((16, 2), "float32")
        g = T.reshape(f, (32,))
        x = T.make_tensor(p, (n, 4), "float32", strides=(8, 1))
        y = T.make_tensor(ptrs[bx], (64, 64), "float16")
        T.copy(A[bx * 4, 0], t)
        half[0, 1] = y[bx, 0]
        g[0] = T.Cast("float32", bits[1, 2]) + flat[1, bx] + S[0, 1]
        x[bx, 0] = g[0]
