# run: -D n=70 --input int=3
"""Names that mean something to a C, C++, CUDA or Metalium compiler, or that the compilers' texts use themselves; letters beyond ASCII."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=70), dict(n=32)]


def printf(n, block=32):
    @T.prim_func
    def main(
        float: T.Tensor((n,), "float32"),
        double: T.Tensor((n,), "float32"),
        int: T.int32,
        __x: T.Tensor((n,), "float32"),
        größe: T.Tensor((n,), "float32"),
        _A: T.Tensor((n,), "float32"),
        args: T.Tensor((n,), "float32"),
    ):
        with T.Kernel(T.ceildiv(n, block), threads=128) as blockIdx:
            smem = T.alloc_shared((block,), "float32")
            tid = T.alloc_shared((block,), "float32")
            auto = T.alloc_fragment((block,), "float32")
            k_max = T.alloc_fragment((block,), "float32")
            cb_smem = T.alloc_shared((block,), "float32")
            Sum = T.alloc_fragment((block,), "float32")
            get_arg_val = T.alloc_fragment((1,), "float32")
            main_ = T.alloc_var("int32")
            x_1 = T.alloc_var("int32")
            T.copy(float[blockIdx * block : (blockIdx + 1) * block], smem)
            T.copy(double[blockIdx * block : (blockIdx + 1) * block], tid)
            main_ = 0
            x_1 = 1
            for this in T.serial(int):
                for new in T.Parallel(block):
                    auto[new] = smem[new] + tid[new]
                for i in T.Parallel(block):
                    x = auto[i] * 2.0
                    delete = x + 1.0
                    k_max[i] = T.max(x, delete)
                main_ = main_ + this
                x_1 = x_1 * 2
            for uint32_t in T.Parallel(block):
                cb_smem[uint32_t] = k_max[uint32_t] + T.cast(main_ + x_1, "float32")
            T.reduce_sum(k_max, get_arg_val, dim=0)
            for expf, in_ in [(0, 1)]:
                for fmaxf in T.Parallel(block):
                    Sum[fmaxf] = get_arg_val[expf] * 0.5
            T.copy(cb_smem, __x[blockIdx * block : (blockIdx + 1) * block])
            T.copy(k_max, größe[blockIdx * block : (blockIdx + 1) * block])
            T.copy(Sum, _A[blockIdx * block : (blockIdx + 1) * block])
            for kernel_main in T.Parallel(block):
                日本 = smem[kernel_main]
                sum_x = 日本 * 3.0
                left_x = sum_x + 1.0
                noc_x = left_x - 2.0
                args[blockIdx * block + kernel_main] = noc_x

    return main


def inputs(rng, n, **_):
    return {"float": ("float32", rng.standard_normal(n)), "double": ("float32", rng.standard_normal(n)), "int": ("int32", np.array(3))}


def ref(a, n, block=32, **_):
    x, y = a["float"], a["double"]
    k = 2 * (x + y) + 1
    whole = np.pad(k, (0, -n % block), constant_values=1).reshape(-1, block)
    out = {"__x": k + 3 + 8, "größe": k, "_A": np.repeat(whole.sum(1) / 2, block)[:n], "args": 3 * x - 1}
    return {name: ("float32", v) for name, v in out.items()}
