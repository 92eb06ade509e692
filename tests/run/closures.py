# run: -D n=100 -D act=relu
"""What Python does before the kernel exists: closures, comprehensions, dictionaries, unrolled loops over lists, functions as values."""
import math
import numpy as np
import tilelang.language as T

CASES = [dict(n=100, act="relu"), dict(n=33, act="square", deep=3), dict(n=40, act="both")]
WEIGHTS = [2.0, -1.0, 0.5]
ACTS = {"relu": lambda x: T.max(x, 0.0), "square": lambda x: x * x}


def compose(*fs):
    def run(x):
        for f in fs:
            x = f(x)
        return x

    return run


def closures(n, act="relu", deep=2, block=None):
    block = block or 2 ** math.ceil(math.log2(min(n, 64)))
    f = compose(*ACTS.values()) if act == "both" else ACTS[act]
    shifts = [k * k for k in range(deep) if k != 1]
    terms = [(s, w) for s, w in zip(shifts, WEIGHTS)]
    names = {f"shift{i}": s for i, s in enumerate(shifts)}
    assert len(terms) == len(names), f"{len(terms)} terms"

    @T.prim_func
    def main(X: T.Tensor((n,), "float32"), Y: T.Tensor((n,), "float32")):
        with T.Kernel(T.ceildiv(n, block), threads=128) as b:
            acc = T.alloc_fragment((block,), "float32")
            T.clear(acc)
            for s, w in terms:
                for i in T.Parallel(block):
                    acc[i] = acc[i] + w * f(X[b * block + i + s])
            if names.get("shift1", 0) > 3:
                for i in T.Parallel(block):
                    acc[i] = acc[i] + 1.0
            T.copy(acc, Y[b * block : (b + 1) * block])

    return main


def inputs(rng, n, **_):
    return {"X": ("float32", rng.standard_normal(n))}


def ref(a, n, act, deep=2, **_):
    f = {"relu": lambda x: np.maximum(x, 0), "square": np.square, "both": lambda x: np.maximum(x, 0) ** 2}[act]
    x = np.concatenate([a["X"], np.zeros(50)])
    shifts = [k * k for k in range(deep) if k != 1]
    y = sum(w * f(x[s : s + n]) for s, w in zip(shifts, WEIGHTS))
    return {"Y": ("float32", y + (1.0 if len(shifts) > 1 and shifts[1] > 3 else 0))}
