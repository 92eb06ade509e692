# run:
# Every reduction along either axis, joined with what is there or not, of fragments and of shared tiles; running sums both ways.
import tilelang.language as T

@T.prim_func
def reductions(
    X: T.Tensor((96, 70), "float32"),
    Y: T.Tensor((64, 64), "float32"),
    N: T.Tensor((2000,), "int32"),
    COLS: T.Tensor((4, 70), "float32"),
    ROWS: T.Tensor((4, 64), "float32"),
    ALL: T.Tensor((3,), "int32"),
    SCAN: T.Tensor((2, 2000), "int32"),
    SCAN2: T.Tensor((96, 70), "float32"),
):
    with T.Kernel(1, threads=128) as bx:
        x = T.alloc_shared((96, 70), "float32")
        col = T.alloc_fragment((70,), "float32")
        y = T.alloc_fragment((64, 64), "float32")
        row = T.alloc_fragment((64,), "float32")
        n = T.alloc_shared((2000,), "int32")
        one = T.alloc_fragment((1,), "int32")
        s = T.alloc_shared((2000,), "int32")
        x2 = T.alloc_shared((96, 70), "float32")
        T.copy(X, x)
        T.copy(Y, y)
        T.copy(N, n)
        T.reduce_sum(x, col, dim=0)
        T.copy(col, COLS[0, 0:70])
        T.reduce_max(x, col, dim=0, clear=False)
        T.copy(col, COLS[1, 0:70])
        T.reduce_min(x, col, dim=0)
        T.copy(col, COLS[2, 0:70])
        T.reduce_absmax(x, col, dim=0)
        T.copy(col, COLS[3, 0:70])
        T.reduce_sum(y, row, dim=1)
        T.copy(row, ROWS[0, 0:64])
        T.reduce_max(y, row, dim=1)
        T.copy(row, ROWS[1, 0:64])
        T.reduce_min(y, row, dim=1, clear=False)
        T.copy(row, ROWS[2, 0:64])
        T.reduce_absmax(y, row, dim=1)
        T.copy(row, ROWS[3, 0:64])
        T.reduce_sum(n, one, dim=0)
        ALL[0] = one[0]
        T.reduce_max(n, one, dim=0)
        ALL[1] = one[0]
        T.reduce_min(n, one, dim=0, clear=False)
        ALL[2] = one[0]
        T.cumsum(n, s, dim=0)
        T.copy(s, SCAN[0, 0:2000])
        T.cumsum(n, s, dim=0, reverse=True)
        T.copy(s, SCAN[1, 0:2000])
        T.cumsum(x, x2, dim=1)
        T.cumsum(x2, x2, dim=0, reverse=True)
        T.copy(x2, SCAN2)
