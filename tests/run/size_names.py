# run: -D T=70
"""An open size that is called as the dialect's module is: -D and messages know it by its own name."""
import tilelang.language as T

CASES = [dict(T=70), dict(T=1)]

steps = T.dynamic("T")


@T.prim_func
def size_names(x: T.Tensor((steps,), "float32"), y: T.Tensor((steps,), "float32")):
    with T.Kernel(T.ceildiv(steps, 32), threads=32) as b:
        for i in T.Parallel(32):
            y[b * 32 + i] = x[b * 32 + i] * 2


def inputs(rng, **sizes):
    return {"x": ("float32", rng.standard_normal(sizes["T"]))}


def ref(a, **_):
    return {"y": ("float32", a["x"] * 2)}
