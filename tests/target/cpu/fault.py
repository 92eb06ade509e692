# an index that leaves a tile, and a divisor of 0, are found where they happen
# kiln:
# fault: n=8 index=range(0,100): is not inside of its 16 elements
# fault: n=8 index=zeros: division by zero
# case: n=8 index=range(1,9)
import tilelang
import tilelang.language as T

n = T.dynamic("n")


@T.prim_func
def fault(index: T.Tensor((n,), "int32"), out: T.Tensor((n,), "int32")):
    with T.Kernel(1) as b:
        x = T.alloc_shared((16,), "int32")
        T.fill(x, 3)
        for i in T.serial(n):
            out[i] = x[index[i]] + 100 // index[i]
