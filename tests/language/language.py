"""The kernels of the public language tests (testing/python/language of the source distribution that tests/conformance/public.py gets): how
many the front end and the verifier take. Nothing of those files is kept here but names and parameters: kernels.tsv, a row a setting,

    file  kernel  verdict  why  name=value ...

kernel: the functions that it stands in and its own name, joined by dots; NAME#2 is the second of that name. verdict:
    accept   it becomes a verified program
    refuse   it is wrong, and its own test says so: an error with a code
    chip     of one chip that is not ours, or of one vendor's text: a program, or told as unsupported
    either   upstream refuses it for its own lowering's sake: a program, or an error with a code
    gap      should be accepted and is not yet; counts as a false refusal until it is

A kernel is a function that makes a program: a T.prim_func, or a tilelang.jit function that is a kernel itself (no prim_func in it). They
are found with Python's own ast, and each must have a row.

    language.py [-v] [WORD]...     rows whose file or kernel has a WORD in it; -v: the messages of what is refused

Without words the kernels of judged.py are run as well.
    """
import ast, collections, concurrent.futures, glob, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "conformance")]
import public
from kiln import Report, call

LIMIT = int(os.environ.get("LIMIT", 60))
SHARE, FALSE, JUDGED = 0.95, 0.01, 60       # at least so many verdicts are met and kernels judged right; at most so many refused that should not be


# ---- which kernels there are -------------------------------------------------------------------

def decorators(node):
    return [ast.unparse(d.func if isinstance(d, ast.Call) else d).split(".")[-1] for d in node.decorator_list]


def kernels(path):
    """dotted names of the kernels of one file, in the order of the text"""
    found = []

    def walk(node, outer):
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                walk(child, outer)
                continue
            inside = [n for n in ast.walk(child) if n is not child and isinstance(n, ast.FunctionDef) and "prim_func" in decorators(n)]
            of = decorators(child)
            if isinstance(child, ast.FunctionDef) and ("prim_func" in of or ("jit" in of and not inside)):
                found.append(".".join(outer + [child.name]))
            walk(child, outer + [child.name])

    walk(ast.parse(open(path).read()), [])
    count, seen = collections.Counter(found), collections.Counter()
    out = []
    for name in found:
        seen[name] += 1
        out.append(f"{name}#{seen[name]}" if count[name] > 1 else name)
    return out


Row = collections.namedtuple("Row", "file kernel verdict why binds")


def rows():
    lines = [line.rstrip("\n").split("\t") for line in open(os.path.join(HERE, "kernels.tsv")) if not line.startswith("#")]
    return [Row(*f[:4], f[4:]) for f in lines]


# ---- one row -----------------------------------------------------------------------------------

def attempt(folder, row):
    """(what it became, messages): accepted, refused (with a code), unsupported (a code that says so), bare (refused without one), usage,
    crash, hang"""
    binds = [w for b in row.binds for w in ("-D", b)]
    status, out, err = call("emit", "--emit=tile", f"{os.path.join(folder, row.file)}:{row.kernel}", *binds, timeout=LIMIT)
    said = re.findall(r"(error|todo|unsupported|bug|fatal error)\[(E\d+)\]", err)
    if status == 124:
        return "hang", err
    if status == 0:
        return "accepted", out
    if status not in (1, 2, 3) or any(kind == "bug" for kind, _ in said):
        return "crash", f"status {status}: {err}"
    if status != 1:
        return "usage", f"status {status}: {err}"
    if not said:
        return "bare", err
    return ("unsupported" if said[0][0] in ("todo", "unsupported") else "refused"), err


def wrong(row, became, err):
    """None when the verdict is met"""
    if became in ("hang", "crash", "bare", "usage"):
        return f"{became}: {err}"
    if row.verdict == "accept" and became != "accepted":
        return err
    if row.verdict == "refuse" and became == "accepted":
        return f"is taken, but its own test expects an error: {row.why}"
    if row.verdict == "chip" and became == "refused":
        return f"is not told as unsupported, but: {err}"
    return None


def main():
    words = [w for w in sys.argv[1:] if w != "-v"]
    report = Report()
    home, why = public.folder()
    if not home:
        report.skip(f"language tests: {why}")
        report.done()
    folder = os.path.join(home, "testing", "python", "language")
    there = {(os.path.basename(f), k) for f in sorted(glob.glob(os.path.join(folder, "*.py"))) for k in kernels(f)}
    table = rows()
    report.check(f"every kernel has a row ({len(there)} kernels, {len(table)} rows)",
                 "\n".join(f"no row: {f} {k}" for f, k in sorted(there - {r[:2] for r in table})) +
                 "\n".join(f"no such kernel: {f} {k}" for f, k in sorted({r[:2] for r in table} - there)))
    chosen = [r for r in table if not words or any(w in r.file or w in r.kernel for w in words)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        became = list(pool.map(lambda r: attempt(folder, r), chosen))
    state = collections.defaultdict(list)
    for row, (what, err) in zip(chosen, became):
        state[row[:2]].append((row, what))
        name = f"{row.file}:{row.kernel} {' '.join(row.binds)}".strip()
        bad = wrong(row, what, err)
        if bad and "-v" not in sys.argv:
            bad = bad[:400]
        report.check(name, bad)
    summary(report, state, bool(words))
    if not words:
        import judged
        right = judged.judge(report, folder, words)
        report.check(f"at least {JUDGED} kernels judged right", None if right >= JUDGED else f"{right}")
    report.done()


def summary(report, state, part):
    """a kernel is what its worst row is"""
    count = collections.Counter()
    for found in state.values():
        verdict = next((v for v in ("accept", "gap", "chip", "either", "refuse") if any(r.verdict == v for r, _ in found)))
        due = [what for r, what in found if r.verdict == verdict or (r.verdict == "gap" and verdict == "accept")]
        order = ("crash", "hang", "bare", "usage", "refused", "unsupported", "accepted")
        count[verdict, min(due, key=order.index)] += 1
    right = sum(n for (v, _), n in count.items() if v in ("accept", "gap"))
    taken = sum(n for (v, w), n in count.items() if v in ("accept", "gap") and w == "accepted")
    print(f"\n{'verdict':10} {'accepted':>9} {'refused':>9} {'unsupported':>12} {'without code':>13} {'crash':>6} {'hang':>6}")
    for verdict in ("accept", "gap", "chip", "either", "refuse"):
        of = {w: n for (v, w), n in count.items() if v == verdict}
        if of:
            print(f"{verdict:10} {of.get('accepted', 0):9} {of.get('refused', 0):9} {of.get('unsupported', 0):12} "
                  f"{of.get('bare', 0) + of.get('usage', 0):13} {of.get('crash', 0):6} {of.get('hang', 0):6}")
    total = sum(count.values())
    meets = {"accept": ["accepted"], "gap": [], "chip": ["accepted", "unsupported"], "either": ["accepted", "refused", "unsupported"], "refuse": ["refused", "unsupported"]}
    met = sum(n for (v, w), n in count.items() if w in meets[v])
    every = sum(n for (_, w), n in count.items() if w == "accepted")
    share = lambda n, of: f"{100 * n / max(of, 1):.1f} %"
    print(f"{total} kernels, {every} accepted; of the {right} that should be, {taken} ({share(taken, right)}); false refusals {right - taken} ({share(right - taken, total)}); "
          f"verdicts met {met} ({share(met, total)})\n")
    if not part:
        report.check(f"at least {SHARE:.0%} accepted of those that should be", None if taken >= SHARE * right else f"{taken} of {right}")
        report.check(f"at least {SHARE:.0%} of the verdicts met", None if met >= SHARE * total else f"{met} of {total}")
        report.check(f"false refusals at most {FALSE:.0%}", None if right - taken <= FALSE * total else f"{right - taken} of {total}")


if __name__ == "__main__":
    main()
