"""The five programs of lib/ from end to end on every machine there is, against float64 references (refs.py).

Sizes have at least two tiles and a remainder in every free dimension and two blocks in every dimension of a grid; loops run 0, 1 and
more than twice as often as their pipes are deep. Inputs are rounded to the type first, so a reference sees what the program sees."""
import sys
import numpy as np
from kiln import ALL, Report, close, present, rounded, run
import refs

DEVICES = ["interp", "cpu", "mock", "cuda"]


def draw(seed, shape, dtype, scale=1.0):
    return rounded(np.random.default_rng(seed).standard_normal(shape) * scale, dtype)


# cosine difference and worst row that rounding alone explains, by the type of the inputs
COS = {"float32": 1e-11, "float16": 5e-7, "bfloat16": 5e-6}
ROW = {"float32": 1e-5, "float16": 2e-3, "bfloat16": 1e-2}


def bounds(dtype, device):
    """on the chip the operands of a float32 product pass registers of 19 bits"""
    if dtype == "float32" and device == "mock":
        return {"cos": 1e-5, "row": 1e-2}
    return {"cos": COS[dtype], "row": ROW[dtype]}


# ---- one function a program: gives what is wrong, or None -----------------------------------------

def add(device, M, N, dtype="float32", **tiles):
    if dtype.startswith("int"):
        a, b = (np.random.default_rng(i).integers(-1000, 1000, (M, N)) for i in (1, 2))
        want = a + b
    else:
        a, b = draw(1, (M, N), dtype), draw(2, (M, N), dtype)
        want = rounded(rounded(a + b, "float32"), dtype)
    out = run("lib/add.py", device, dict(M=M, N=N, dtype=dtype, **tiles), {"A": (dtype, a), "B": (dtype, b)}, {"C": dtype})["C"]
    return None if np.array_equal(out, want) else close(out.astype(float), want.astype(float), atol=0.0) or "differs"


def gemm(device, M, N, K, act="relu", dtype="bfloat16", **tiles):
    a, b, bias = draw(1, (M, K), dtype), draw(2, (K, N), dtype, max(K, 1) ** -0.5), draw(3, (N,), dtype)
    out = run("lib/gemm.py", device, dict(M=M, N=N, K=K, act=act, dtype=dtype, **tiles),
              {"A": (dtype, a), "B": (dtype, b), "bias": (dtype, bias)}, {"C": dtype})["C"]
    return close(out, refs.gemm(a, b, bias, act), **bounds(dtype, device))


def attention(device, B, Sq, Sk, H, Hkv, D, causal=True, dtype="bfloat16", **tiles):
    q, k, v = draw(1, (B, Sq, H, D), dtype), draw(2, (B, Sk, Hkv, D), dtype), draw(3, (B, Sk, Hkv, D), dtype)
    out = run("lib/attention.py", device, dict(B=B, Sq=Sq, Sk=Sk, H=H, Hkv=Hkv, D=D, causal=causal, dtype=dtype, **tiles),
              {"Q": (dtype, q), "K": (dtype, k), "V": (dtype, v)}, {"O": dtype, "LSE": "float32"})
    o, lse = refs.attention(q, k, v, causal)
    loose = bounds(dtype, device)
    return close(out["O"], o, cos=max(loose["cos"], 1e-10) * 2, row=loose["row"]) or \
        close(out["LSE"], lse, atol=1e-4 if device != "mock" else 2e-2, rtol=1e-6)


def decode(device, lengths, H, Hkv, D, page=32, dtype="bfloat16", spare=3, **tiles):
    rng = np.random.default_rng(7)
    B, need = len(lengths), [-(-n // page) for n in lengths]
    pages, width = sum(need) + spare, max(max(need), 1) + 1
    free, table = list(rng.permutation(pages)), np.full((B, width), 2147480000)
    for i, n in enumerate(need):
        table[i, :n] = [free.pop() for _ in range(n)]
    q = draw(1, (B, H, D), dtype)
    k, v = draw(2, (pages, page, Hkv, D), dtype), draw(3, (pages, page, Hkv, D), dtype)
    k[free], v[free] = np.nan, np.nan           # pages that nobody has must not be looked at
    out = run("lib/decode.py", device, dict(H=H, Hkv=Hkv, D=D, page=page, dtype=dtype, **tiles),
              {"Q": (dtype, q), "K": (dtype, k), "V": (dtype, v), "table": ("int32", table), "length": ("int32", np.array(lengths))}, {"O": dtype})
    return close(out["O"], refs.paged_decode(q, k, v, table, lengths), cos=bounds(dtype, device)["cos"] * 2, row=bounds(dtype, device)["row"])


def dsa(device, S, HI, DI, H, D, DV, topk, dtype="bfloat16", exact=False, **tiles):
    rng = np.random.default_rng(11)
    if exact:           # small integers: logits are exact in float32, with many equals
        qi, ki, w = (rng.integers(-2, 3, n).astype(float) for n in ((S, HI, DI), (S, DI), (S, HI)))
    else:
        qi, ki, w = draw(1, (S, HI, DI), dtype, DI ** -0.5), draw(2, (S, DI), dtype), rounded(rng.standard_normal((S, HI)), "float32")
    q, kv = draw(4, (S, H, D), dtype), draw(5, (S, D), dtype)
    out = run("lib/dsa.py", device, dict(S=S, HI=HI, DI=DI, H=H, D=D, DV=DV, topk=topk, dtype=dtype, **tiles),
              {"QI": (dtype, qi), "KI": (dtype, ki), "W": ("float32", w), "Q": (dtype, q), "KV": (dtype, kv)}, {"index": "int32", "O": dtype})
    logits, index = refs.index_logits(qi, ki, w), out["index"]
    if exact:
        want = refs.stable_selection(logits, topk)
        bad = [s for s in range(S) if sorted(index[s][index[s] >= 0].tolist()) != want[s] or (index[s][len(want[s]):] != -1).any()]
        if bad:
            return f"row {bad[0]} chooses {sorted(index[bad[0]].tolist())}, not {want[bad[0]]}"
    scale = np.abs(logits[np.isfinite(logits)]).max()
    return refs.selection_wrong(index, logits, topk, scale * (1e-5 if device != "mock" else 1e-2)) or \
        close(out["O"], refs.sparse_attention(q, kv, index, DV), cos=bounds(dtype, device)["cos"] * 2, row=bounds(dtype, device)["row"])


# ---- the cases ---------------------------------------------------------------------------------

SMALL = dict(BM=32, BN=32)
CASES = [
    (add, dict(M=70, N=200)),
    (add, dict(M=70, N=200, dtype="bfloat16")),
    (add, dict(M=1, N=1)),
    (add, dict(M=33, N=65, dtype="int32")),
    (gemm, dict(M=150, N=140, K=212, BM=64, BN=64, BK=32, stages=3)),                       # 7 trips, 3 slots
    (gemm, dict(M=70, N=72, K=20, act="silu", BM=32, BN=32, BK=32, stages=2)),              # 1 trip
    (gemm, dict(M=70, N=72, K=0, act="none", BM=32, BN=32, BK=32)),                         # 0 trips
    (gemm, dict(M=75, N=100, K=161, act="none", dtype="float16", BM=32, BN=64, BK=32, stages=2)),
    (gemm, dict(M=75, N=70, K=161, act="relu", dtype="float32", BM=32, BN=32, BK=32, stages=2)),
    (gemm, dict(M=300, N=528, K=456)),                                                      # the sizes it has by itself
    (attention, dict(B=2, Sq=75, Sk=170, H=4, Hkv=2, D=64, **SMALL)),                       # 3 to 6 trips, 2 slots
    (attention, dict(B=2, Sq=110, Sk=50, H=2, Hkv=2, D=32, **SMALL)),                       # rows that see no key, blocks of 0 trips
    (attention, dict(B=2, Sq=70, Sk=165, H=2, Hkv=1, D=64, causal=False, **SMALL)),
    (attention, dict(B=2, Sq=40, Sk=20, H=2, Hkv=1, D=32, causal=False, **SMALL)),          # 1 trip
    (attention, dict(B=2, Sq=70, Sk=90, H=2, Hkv=1, D=64, dtype="float16", **SMALL)),
    (attention, dict(B=2, Sq=200, Sk=330, H=2, Hkv=1, D=64)),
    (decode, dict(lengths=[0, 1, 33, 419, 64], H=8, Hkv=2, D=64, splits=3, BG=32)),
    (decode, dict(lengths=[300, 0, 31], H=6, Hkv=2, D=32, splits=2, BG=32, dtype="float16")),
    (decode, dict(lengths=[700, 130], H=8, Hkv=2, D=64, page=64)),
    (dsa, dict(S=100, HI=5, DI=32, H=16, D=64, DV=32, topk=20, BM=32, BN=32, BH=32, BI=32)),
    (dsa, dict(S=190, HI=2, DI=32, H=8, D=32, DV=32, topk=170, BM=64, BN=64, BH=32, BI=32)),    # 6 trips, 2 slots
    (dsa, dict(S=70, HI=1, DI=32, H=8, D=32, DV=32, topk=40, BM=32, BN=32, BH=32, BI=32, exact=True)),
    (dsa, dict(S=130, HI=5, DI=64, H=16, D=64, DV=64, topk=70)),
]
SLOW = [
    (add, dict(M=1000, N=3001, dtype="float16")),
    (gemm, dict(M=515, N=520, K=1096)),
    (attention, dict(B=1, Sq=700, Sk=700, H=4, Hkv=1, D=128)),
    (decode, dict(lengths=[5000, 1, 64, 65], H=32, Hkv=8, D=128, page=64)),
    (dsa, dict(S=300, HI=16, DI=128, H=64, D=192, DV=128, topk=128)),
]


def main():
    only = sys.argv[1:]
    report = Report()
    for device in DEVICES:
        if only and device not in only:
            continue
        why = present(device)
        if why:
            report.skip(f"{device}: {why}", len(CASES))
            continue
        cases = CASES + (SLOW if ALL and device != "interp" else [])
        report.each([(f"{f.__name__} on {device}: " + " ".join(f"{k}={v}" for k, v in a.items()), lambda f=f, a=a: f(device, **a)) for f, a in cases])
    report.done()


if __name__ == "__main__":
    main()
