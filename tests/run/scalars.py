# run: -D n=70 --input a=2 --input k=3 --input flag=1 --input u=7 --input d=0.5
"""Numbers as parameters, of several types: in values, in branches, in trip counts, as offsets."""
import numpy as np
import tilelang.language as T

CASES = [dict(n=70), dict(n=33)]


def scalars(n, block=32):
    @T.prim_func
    def main(X: T.Tensor((n,), "float32"), a: T.float32, k: T.int32, flag: T.bool, u: T.uint8, d: T.float16, Y: T.Tensor((n,), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            acc = T.alloc_fragment((block,), "float32")
            T.clear(acc)
            for r in T.serial(k):
                for i in T.Parallel(block):
                    acc[i] = acc[i] + X[b * block + i + r] * a
            if flag:
                for i in T.Parallel(block):
                    acc[i] = acc[i] + T.cast(d, "float32") * T.cast(u, "float32")
            if k > 100:
                T.clear(acc)
            T.copy(acc, Y[b * block : (b + 1) * block])

    return main


def inputs(rng, n, **_):
    return {"X": ("float32", rng.standard_normal(n)), "a": ("float32", np.array(2.5)), "k": ("int32", np.array(3)), "flag": ("bool", np.array(True)),
            "u": ("uint8", np.array(200)), "d": ("float16", np.array(0.5))}


def ref(a, n, **_):
    x = np.concatenate([a["X"], np.zeros(3)])
    return {"Y": ("float32", sum(x[r : r + n] for r in range(3)) * 2.5 + 100)}
