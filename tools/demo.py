"""The demonstration: one schedule as three machines spell it, then the five programs of lib/ on every machine that can run here, compared
with numpy in float64. Prints as it goes."""
import os, subprocess, sys, time
import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import refs
from kiln import KILN, Failure, calc_diff, finite, present, rounded, run, same_specials, table

COLOR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
TTY = sys.stdout.isatty()


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOR else text


def draw(seed, shape, dtype="bfloat16", scale=1.0):
    return rounded(np.random.default_rng(seed).standard_normal(shape) * scale, dtype)


def case_add():
    a, b = draw(1, (150, 200), "float32"), draw(2, (150, 200), "float32")
    return ("lib/add.py", dict(M=150, N=200), {"A": ("float32", a), "B": ("float32", b)}, {"C": "float32"}, lambda out: [(out["C"], a + b)])


def case_gemm():
    a, b, bias = draw(1, (300, 456)), draw(2, (456, 264), scale=0.05), draw(3, (264,))
    return ("lib/gemm.py", dict(M=300, N=264, K=456, act="silu"), {n: ("bfloat16", x) for n, x in (("A", a), ("B", b), ("bias", bias))},
            {"C": "bfloat16"}, lambda out: [(out["C"], refs.gemm(a, b, bias, "silu"))])


def case_attention():
    q, k, v = draw(1, (1, 200, 4, 64)), draw(2, (1, 330, 2, 64)), draw(3, (1, 330, 2, 64))
    o, lse = refs.attention(q, k, v, True)
    return ("lib/attention.py", dict(B=1, Sq=200, Sk=330, H=4, Hkv=2, D=64), {n: ("bfloat16", x) for n, x in (("Q", q), ("K", k), ("V", v))},
            {"O": "bfloat16", "LSE": "float32"}, lambda out: [(out["O"], o), (out["LSE"], lse)])


def case_decode():
    rng, lengths = np.random.default_rng(7), [0, 1, 130, 700]
    need = [-(-n // 64) for n in lengths]
    table_, free = np.full((4, max(need) + 1), 2147480000), list(rng.permutation(sum(need) + 2))
    for i, n in enumerate(need):
        table_[i, :n] = [free.pop() for _ in range(n)]
    pages = sum(need) + 2
    q, k, v = draw(1, (4, 8, 64)), draw(2, (pages, 64, 2, 64)), draw(3, (pages, 64, 2, 64))
    want = refs.paged_decode(q, k, v, table_, lengths)
    return ("lib/decode.py", dict(H=8, Hkv=2, D=64), {"Q": ("bfloat16", q), "K": ("bfloat16", k), "V": ("bfloat16", v), "table": ("int32", table_),
            "length": ("int32", np.array(lengths))}, {"O": "bfloat16"}, lambda out: [(out["O"], want)])


def case_dsa():
    s = 130
    qi, ki, w, q, kv = draw(1, (s, 4, 64), scale=0.12), draw(2, (s, 64)), draw(3, (s, 4), "float32"), draw(4, (s, 16, 64)), draw(5, (s, 64))
    logits = refs.index_logits(qi, ki, w)

    def compare(out):
        wrong = refs.selection_wrong(out["index"], logits, 70, 1e-2 * np.abs(logits[np.isfinite(logits)]).max())
        if wrong:
            raise Failure(5, wrong)
        return [(out["O"], refs.sparse_attention(q, kv, out["index"], 64))]

    return ("lib/dsa.py", dict(S=s, HI=4, DI=64, H=16, D=64, DV=64, topk=70), {"QI": ("bfloat16", qi), "KI": ("bfloat16", ki), "W": ("float32", w),
            "Q": ("bfloat16", q), "KV": ("bfloat16", kv)}, {"index": "int32", "O": "bfloat16"}, compare)


CASES = [("elementwise add", case_add), ("gemm + bias + silu", case_gemm), ("causal attention, GQA", case_attention), ("paged split-KV decode", case_decode),
         ("DeepSeek sparse attention", case_dsa)]


def one(case, device):
    """text of a cell, and whether it is right"""
    file, bind, inputs, outputs, compare = case
    start = time.time()
    try:
        pairs = compare(run(file, device, bind, inputs, outputs))
    except Failure as e:
        return str(e).split("\n")[0][:26], False
    took = time.time() - start
    good = all(same_specials(x, r) and calc_diff(finite(x), finite(r)) < 3e-5 for x, r in pairs)
    error = max(np.sqrt(((finite(x) - finite(r)) ** 2).mean() / max((finite(r) ** 2).mean(), 1e-30)) for x, r in pairs)
    return f"{'right' if good else 'WRONG'}  {error:7.1e}  {took:5.1f} s", good


def main():
    start = time.time()
    print(paint("1", "one schedule, three machines"), "   kiln show lib/gemm.py -D M=512 -D N=512 -D K=512\n", flush=True)
    subprocess.run([KILN, "show", "lib/gemm.py", "-D", "M=512", "-D", "N=512", "-D", "K=512"], cwd=ROOT)
    devices = [row["device"] for row in table("devices") if not present(row["device"])]
    print("\n" + paint("1", "five programs against numpy in float64") + "   relative error (rms), seconds with compilation\n")
    print(f"{'':28}" + "".join(f"{d:26}" for d in devices))
    ok = True
    for name, make in CASES:
        print(f"{name:28}", end="", flush=True)
        case = make()
        for device in devices:
            if TTY:
                print("...", end="", flush=True)
            text, good = one(case, device)
            ok &= good
            if TTY:
                print("\b\b\b", end="")
            print(paint("32" if good else "31", f"{text:26}"), end="", flush=True)
        print(flush=True)
    missing = [(row["device"], present(row["device"])) for row in table("devices") if present(row["device"])]
    for device, why in missing:
        print(paint("2", f"\n{device}: {why}"), end="")
    print(f"\n\n{'all right' if ok else 'SOMETHING IS WRONG'}, {time.time() - start:.0f} s; `make test` runs the tests")
    sys.exit(0 if ok else 1)


main()
