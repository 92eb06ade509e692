"""Every scheduling pass keeps the meaning: the interpreter runs each program as it is and after every pass, for machines of several
kinds, and every byte must agree (tests/tools/passes.c). The programs of the tree, and programs drawn at random (random_programs.py).
And the token game finds what is wrong: of schedules with a change at random it passes none that then gets stuck (tests/tools/mutants.c)."""
import concurrent.futures, glob, os, re, subprocess
import numpy as np
from corpus import programs, title
from kiln import ALL, ROOT, TMP, Report, close, rounded, run
import random_programs, refs

B = os.path.dirname(os.environ.get("KILN", os.path.join(ROOT, "build", "kiln")))
TOOLS = {name: os.path.join(TMP, name) for name in ("passes", "mutants")}


def build_tools():
    objects = [o for o in glob.glob(os.path.join(ROOT, B, "obj/**/*.o"), recursive=True) if "/cli/" not in o and not o.endswith("libkiln.o")]
    flags = (["-fsanitize=address,undefined"] if os.environ.get("ASAN") else []) + os.environ.get("LDFLAGS", "").split()
    for name, tool in TOOLS.items():
        subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O1", *flags, "-Isrc", "-Iinclude", "-o", tool, f"tests/tools/{name}.c",
                        *objects, "-lm", "-lpthread", "-ldl"], check=True, cwd=ROOT)


def same(path, defines, ints=None):
    """None, or what is wrong; SKIP when the program does not run on these values"""
    try:
        r = subprocess.run([TOOLS["passes"], *(["--ints", ints] if ints else []), path, *defines], capture_output=True, text=True, cwd=ROOT, timeout=200)
    except subprocess.TimeoutExpired:
        return "no answer"
    if r.returncode == 3:
        return "SKIP " + r.stdout.strip().splitlines()[-1]
    return None if r.returncode == 0 and "FAIL" not in r.stdout else r.stdout[:3000] + r.stderr[-500:]


def program(path, opts, defines):
    ranges = re.findall(r"range\((-?\d+),(-?\d+)\)", " ".join(opts))
    return same(path, defines, ",".join(ranges[0]) if ranges else None)


def drawn(kind, seed):
    path = os.path.join(TMP, f"{kind}_{seed}.py")
    with open(path, "w") as f:
        f.write(getattr(random_programs, kind)(seed))
    wrong = same(path, [])
    if wrong and not wrong.startswith("SKIP"):
        wrong += "\n" + open(path).read()
    os.unlink(path)
    return wrong


def mutants(path, opts, defines):
    """changed schedules: some must be refused, and of the others none may get stuck"""
    r = subprocess.run([TOOLS["mutants"], "300" if ALL else "30", path, *defines], capture_output=True, text=True, cwd=ROOT, timeout=300)
    counts = re.search(r"passed (\d+) refused (\d+)", r.stdout)
    if r.returncode or not counts:
        return r.stdout[:3000] + r.stderr[-500:]
    total = int(counts[1]) + int(counts[2])
    return None if total < 10 or int(counts[2]) > 0 else f"not one of {total} changes is noticed"


def by_hand():
    """attention written as a schedule: products in flight, turns and two groups; against float64"""
    draw = lambda seed, heads: rounded(np.random.default_rng(seed).standard_normal((1, 200, heads, 64)), "bfloat16")
    q, k, v = draw(1, 2), draw(2, 1), draw(3, 1)
    out = run("tests/sched/attention_overlap.py", "interp", {}, {"Q": ("bfloat16", q), "K": ("bfloat16", k), "V": ("bfloat16", v)}, {"O": "bfloat16"})
    return close(out["O"], refs.attention(q, k, v, True)[0], cos=1e-5, row=1e-2)


if __name__ == "__main__":
    build_tools()
    report = Report()
    cases = [(title(path, opts), lambda a=(path, opts, defines): program(*a)) for path, opts, defines in programs()]
    cases.append(("a schedule by hand", by_hand))
    cases += [(f"{kind} {seed}", lambda a=(kind, seed): drawn(*a)) for kind in ("anything", "products") for seed in range(400 if ALL else 24)]
    cases += [("mutants of " + title(path, opts), lambda a=(path, opts, defines): mutants(*a)) for path, opts, defines in programs()
              if ALL or path.startswith(("lib/", "tests/sched/"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for (name, _), wrong in zip(cases, pool.map(lambda c: c[1](), cases)):
            if wrong and wrong.startswith("SKIP"):
                print(f"     {name} is no case: {wrong[5:]}", flush=True)
            else:
                report.check(name, wrong)
    report.done()
