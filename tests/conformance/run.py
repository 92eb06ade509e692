"""The kernels of the public example set, each with its example's own parameters through the front end and the verifier, and on the interpreter at small
sizes against a float64 reference (manifest.py says how a row is written, bound.py where the bounds come from).

    run.py [--fast] [--json FILE] [--list] [--own | --small] [--device=interp] [--jobs=N] [PATTERN]...

PATTERN: part of a row's name (file:kernel) or of its reference. --fast: one small setting a row. --own, --small: only that half. -v: every output.
The table: kernel; own: accepted (milliseconds of the whole command) or the code of the refusal; the reference that judged it; for each small setting the
largest error against its bound (1 is the limit) and the bound itself against the output (root mean squares); seconds; and what the settings put it through, as
measure.py measures: r two tiles and a remainder of every dimension that is cut, 0 1 + a loop that ran never, once, more; = the program does not allow it, the row
says why (`fixed`); - it has no such dimension or loop. What is neither seen nor explained is a failure. --fast does not measure."""
import argparse, ast, concurrent.futures, json, os, re, shutil, sys, tempfile, time, traceback
import numpy as np
import manifest, library, measure, public      # manifest says where kiln.py is
from bound import TINY, UNIT, Num
from kiln import TMP, call, decode, encode

LIMIT = int(os.environ.get("LIMIT", 120))
KERNELS = 204
LOOSE = 0.25        # a bound above this share of the output judges nothing (root mean squares of both)


class Wrong(Exception):
    """what is the matter, in a line, and the code of a refusal"""
    def __init__(self, text, code=None):
        super().__init__(text)
        self.code = code


def refusal(what, status, err):
    codes = re.findall(r"(?:error|unsupported|todo|device|bug)\[(E\d{4})\]", err)
    first = next((l for l in err.splitlines() if codes and f"[{codes[0]}]" in l), err.strip()[:300])
    where = re.sub(r"^.*/examples/", "", first)
    kind = "refused" if status == 1 and codes else f"status {status}"
    return Wrong(f"{what}: {kind}: {where[:300]}", codes[0] if codes else f"status {status}")


# ---- the program's interface, from its dump -------------------------------------------------------

class Parameter:
    def __init__(self, name, dtype, shape, out):
        self.name, self.dtype, self.shape, self.out = name, dtype, shape, out       # shape None: a scalar


def literal(v):
    return "[" + ",".join(map(literal, v)) + "]" if isinstance(v, (list, tuple)) else str(v)


def defines(setting):
    return [w for k, v in setting.items() if not k.startswith("_") for w in ("-D", f"{k}={literal(v)}")]


def interface(text, setting):
    """the parameters of a tile dump; open sizes have the setting's values"""
    tree = ast.parse(text)
    env = {}
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "T.dynamic":
            names[ast.unparse(node.targets[0])] = ast.literal_eval(node.value.args[0])
    for var, name in names.items():
        if name in setting:
            env[var] = setting[name]
    f = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    out = []
    for arg in f.args.args:
        t = arg.annotation
        if isinstance(t, ast.Call) and ast.unparse(t.func) in ("T.Tensor", "T.StridedTensor"):
            try:
                shape = tuple(int(eval(compile(ast.Expression(d), "shape", "eval"), dict(env))) for d in t.args[0].elts)
            except NameError as e:
                raise Wrong(f"the setting does not say how large '{arg.arg}' is: {e}")
            dtype = ast.literal_eval(t.args[-1])
            out.append(Parameter(arg.arg, dtype, shape, any(k.arg == "out" for k in t.keywords)))
        else:
            dtype = ast.literal_eval(t) if isinstance(t, ast.Constant) else ast.unparse(t).split(".")[-1]
            out.append(Parameter(arg.arg, dtype, None, False))
            env[arg.arg] = setting.get(arg.arg)
    return out


# ---- inputs ---------------------------------------------------------------------------------------

def is_float(dtype):
    return dtype in UNIT


def draw(spec, rng, dtype, shape, limit):
    """one parameter's values, before they are rounded to its type"""
    if isinstance(spec, (int, float)):
        return np.full(shape, spec)
    m = re.fullmatch(r"(\w+)(?:\((.*)\))?", spec)
    name, args = m[1], [float(x) for x in m[2].split(",")] if m[2] else []
    count = int(np.prod(shape))
    if name == "normal":
        return rng.standard_normal(shape) * (args[0] if args else 1) * (1 if is_float(dtype) else 3)
    if name == "zeros":
        return np.zeros(shape)
    if name == "ones":
        return np.ones(shape)
    if name == "const":
        return np.full(shape, args[0])
    if name == "junk":
        return rng.choice([-77.0, 55.0, 91.0], shape) if is_float(dtype) else rng.integers(1, 2 if dtype == "bool" else 99, shape)
    if name == "perm":
        return rng.permutation(int(args[0]) if args else count)[:count].reshape(shape)
    if name == "range":
        return rng.uniform(*args, shape) if is_float(dtype) else rng.integers(int(args[0]), int(args[1]), shape)
    top = int(args[0]) if args else limit
    if name == "ragged":
        x = rng.integers(0, top + 1, shape)
        if count > 1:
            x.flat[rng.permutation(count)[:2]] = [0, top]
        return x
    if name == "topk":
        n = shape[-1]
        x = np.full((count // max(n, 1), n), -1)
        for k, row in enumerate(x):
            take = min(n, top) if k % 3 == 0 else rng.integers(0, min(n, top) + 1)
            row[:take] = rng.permutation(top)[:take]
        return x.reshape(shape)
    raise Wrong(f"no such spec: {spec}")


def stored(x, dtype):
    x = np.asarray(x)
    if dtype == "bool" or not is_float(dtype):
        return encode(np.rint(x) if x.dtype.kind == "f" else x, dtype)
    return encode(x.astype(np.float64), dtype)


def inputs_of(row, setting, params, outputs):
    """name -> (type, stored array, or a number), and the same as the reference sees it"""
    rng = np.random.default_rng(7)
    shapes = {p.name: (p.dtype, p.shape) for p in params}
    specs = {**(row.inputs if isinstance(row.inputs, dict) else {}), **setting.get("_inputs", {})}
    made = manifest.function(row.inputs)(rng, setting, shapes) if isinstance(row.inputs, str) else {}
    unknown = (set(specs) | set(made)) - set(shapes)
    if unknown:
        raise Wrong(f"the program has no parameter {', '.join(sorted(unknown))}; it has {', '.join(shapes)}")
    limit = max([d for p in params for d in p.shape or ()] + [1])
    given, seen = {}, {}
    for p in params:
        if p.shape is None:
            v = made.get(p.name, specs.get(p.name, setting.get(p.name)))
            if v is None:
                raise Wrong(f"no value for the scalar '{p.name}'")
            given[p.name], seen[p.name] = v, v
            continue
        if p.dtype == "handle":         # addresses: when everything has one
            given[p.name] = seen[p.name] = np.zeros(p.shape, np.uint64)
            continue
        if p.name in made:
            x = np.asarray(made[p.name])
            if x.shape != p.shape:
                raise Wrong(f"inputs: '{p.name}' is made as {x.shape}, the program has {p.shape}")
        else:
            spec = specs.get(p.name) or ("junk" if p.out or p.name in outputs else "normal" if is_float(p.dtype) else "zeros")
            x = draw(spec, rng, p.dtype, p.shape, limit)
        bits = stored(x, p.dtype)
        given[p.name], seen[p.name] = bits, decode(bits, p.dtype)
    return given, seen


# ---- judging --------------------------------------------------------------------------------------

def judge(name, got, want, dtype):
    """(largest error / bound, bound / output in root mean squares, None or what is wrong)"""
    if callable(want):
        bad = want(got)
        return 0.0, 0.0, f"{name}: {bad}" if bad else None
    if not isinstance(want, Num):
        want = np.asarray(want)
        if want.dtype.kind in "iub":
            if got.shape != want.shape:
                return np.inf, 0.0, f"{name}: shape {got.shape}, not {want.shape}"
            bad = np.argwhere(got.astype(np.int64) != want.astype(np.int64))
            if len(bad):
                at = tuple(map(int, bad[0]))
                return np.inf, 0.0, f"{name}: {len(bad)} of {got.size} elements, first at {at}: {got[at]}, not {want[at]}"
            return 0.0, 0.0, None
        want = Num(want)
    x, e = want.x, want.e
    if got.shape != x.shape:
        return np.inf, 0.0, f"{name}: shape {got.shape}, not {x.shape}"
    free = np.isinf(e)                              # the kernel may write what it likes
    got = np.asarray(got, np.float64)
    special = ~free & (~np.isfinite(x) | ~np.isfinite(got))
    differ = special & ~((got == x) | (np.isnan(got) & np.isnan(x)))
    plain = ~free & ~special
    with np.errstate(invalid="ignore"):
        limit = np.where(plain, e + UNIT[dtype] * (np.abs(x) + e) + TINY[dtype], 1.0)
        error = np.where(plain, np.abs(got - x), 0.0)
    ratio = error / limit
    worst = float(ratio.max()) if ratio.size else 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        square = np.sqrt((x[plain] ** 2).mean()) if plain.any() else 0.0
        share = float(np.sqrt((limit[plain] ** 2).mean()) / square) if square > 0 else 0.0
    bad = np.argwhere(differ | (ratio > 1))
    if len(bad):
        at = tuple(map(int, bad[0]))
        far = tuple(map(int, np.unravel_index(np.argmax(np.where(differ, np.inf, ratio)), ratio.shape)))
        return max(worst, np.inf if differ.any() else 0), share, (f"{name}: {len(bad)} of {got.size} elements, first at {at}: {got[at]!r}, not {x[at]!r} "
                f"within {limit[at]:.2g}; farthest at {far}: {got[far]!r}, not {x[far]!r}")
    return worst, share, None


# ---- a row ----------------------------------------------------------------------------------------

def entry(path, kernel):
    return f"{path}:{kernel}"


def rebound(path, module, folder):
    """a copy of the file's folder in which module-level names are bound again; gives the path of the file in it"""
    home = os.path.join(folder, "module")
    shutil.copytree(os.path.dirname(path), home, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    to = os.path.join(home, os.path.basename(path))
    text = open(to).read()
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.Assign):
            bound = [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name) and n.id in module]
            lines[node.end_lineno:node.end_lineno] = [f"{n} = {module[n]!r}\n" for n in bound]
    open(to, "w").write("".join(lines))
    return to


def dump(path, row, setting, what):
    start = time.time()
    status, text, err = call("emit", entry(path, row.kernel), "--emit=tile", *defines(setting), timeout=LIMIT)
    took = time.time() - start
    if status:
        raise refusal(what, status, err)
    return text, took


def own(path, row):
    """every own setting becomes a tile program, and its dump reads back as the same; gives seconds"""
    worst = 0.0
    for setting in row.settings:
        text, took = dump(path, row, setting, "own")
        worst = max(worst, took)
        folder = tempfile.mkdtemp(dir=TMP)
        first = os.path.join(folder, "dump.py")
        open(first, "w").write(text)
        status, again, err = call("emit", first, "--emit=tile", timeout=LIMIT)
        shutil.rmtree(folder, ignore_errors=True)
        if status:
            raise refusal("own: the dump read back", status, err)
        if again != text:
            line = next((k for k, (a, b) in enumerate(zip(text.splitlines(), again.splitlines())) if a != b), 0)
            raise Wrong(f"own: the dump reads back as another program, line {line + 1}: {text.splitlines()[line].strip()!r}, {again.splitlines()[line].strip()!r}")
    return worst


def prepared(path, row, setting, folder):
    """(what the command runs, the sizes it still takes, its tile program)"""
    if row.module:
        path = rebound(path, {**row.module, **setting.get("_module", {})}, folder)
    text, _ = dump(path, row, setting, "small")
    if row.tables:
        pools = "".join(f"    {pool}: T.Tensor({shape}, \"{dtype}\"),\n" for pool, (dtype, shape) in manifest.function(row.pools)(setting).items())
        return None, setting, text.replace("\n):\n", f"\n{pools}):\n", 1)
    if not row.filled:
        return entry(path, row.kernel), setting, text
    for name in row.filled:             # results that the program adds to become parameters, which hold what they are given
        text = re.sub(rf"(    {name}: .*), out=True\)", r"\1)", text)
    program = os.path.join(folder, "filled.py")
    open(program, "w").write(text)
    return program, {k: v for k, v in setting.items() if f'T.dynamic("{k}")' in text}, text


def execute(program, sizes, params, given, outputs, folder, device):
    """runs it; outputs: name -> file; gives seconds"""
    scalars = {p.name for p in params if p.shape is None}
    args = ["run", program, f"--device={device}", *defines({k: v for k, v in sizes.items() if k not in given})]
    for name, value in given.items():
        if name in scalars:
            args += ["--input", f"{name}={int(value) if isinstance(value, bool) else value}"]
        else:
            file = os.path.join(folder, name + ".npy")
            np.save(file, value)
            args += ["--input", f"{name}={file}"]
    for name, file in outputs.items():
        args += ["--output", f"{name}={file}"]
    start = time.time()
    status, _, err = call(*args, timeout=LIMIT)
    if status:
        raise refusal("run", status, err)
    return time.time() - start


def by_address(row, text, params, given, outputs, device):
    """the same in this process: each table of row.tables holds the addresses of a pool's parts"""
    given = {name: np.ascontiguousarray(x) for name, x in given.items()}
    for table, pool in row.tables.items():
        given[table][:] = [part.ctypes.data for part in given[pool]]
    start = time.time()
    wrong = library.run(text, device, params, [given[p.name] for p in params])
    if wrong:
        raise refusal("run", 1, wrong)
    for name, file in outputs.items():
        np.save(file, given[name])
    return time.time() - start


def small(path, row, setting, device, form=None):
    """(largest error / bound, bound / output, seconds, note); form: gives the program another form, see schedules.py"""
    folder = tempfile.mkdtemp(dir=TMP)
    try:
        program, sizes, text = prepared(path, row, setting, folder)
        if form:
            program, sizes, text = form(program, sizes, text, folder)
        params = interface(text, setting)
        reference = manifest.function(row.ref)
        outputs = getattr(reference, "outputs", ())
        given, seen = inputs_of(row, setting, params, outputs)
        want = reference({k: v.copy() if hasattr(v, "copy") else v for k, v in seen.items()}, {**(row.module or {}), **setting})
        note = ""
        if isinstance(want, tuple):
            want, note = want
        by_name = {p.name: p for p in params}
        missing = [n for n in want if n not in by_name]
        if missing:
            raise Wrong(f"the reference gives {missing[0]}, the program has {', '.join(by_name)}")
        unjudged = [p.name for p in params if p.out and p.name not in want]
        if unjudged:
            raise Wrong(f"no reference for the output {unjudged[0]}")
        files = {name: os.path.join(folder, name + ".out.npy") for name in want}
        if row.tables:
            took = by_address(row, text, params, given, files, device)
        else:
            took = execute(program, sizes, params, given, files, folder, device)
        worst = share = 0.0
        for name, value in want.items():
            got = decode(np.load(files[name]), by_name[name].dtype)
            w, s, bad = judge(name, got, value, by_name[name].dtype)
            if bad:
                raise Wrong(f"wrong: {bad}", "wrong")
            worst, share = max(worst, w), max(share, s)
        if share > LOOSE:
            raise Wrong(f"the bound is {share:.2g} of the output and judges nothing", "loose")
        return worst, share, took, note
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measured(path, row, setting):
    """(tiles, loops) of measure.py for one small setting; loops whose count depends on what the program is given are counted on the interpreter"""
    folder = tempfile.mkdtemp(dir=TMP)
    try:
        program, sizes, text = prepared(path, row, setting, folder)
        if row.filled:
            text = open(program).read()
        params = interface(text, setting)
        sizes = {k: v for k, v in setting.items() if f'T.dynamic("{k}")' in text}
        shapes = {p.name: p.shape for p in params if p.shape is not None}
        cut = measure.tiles(text, shapes, {**sizes, **{p.name: setting.get(p.name, 0) for p in params if p.shape is None}})
        seen = measure.trips(text)
        if seen is None:
            counting, names = measure.counting(text)
            program = os.path.join(folder, "counting.py")
            open(program, "w").write(counting)
            given, _ = inputs_of(row, setting, params, getattr(manifest.function(row.ref), "outputs", ()))
            counts = np.zeros((max(len(names), 1), 3), np.int32)
            counter = os.path.join(folder, "counts.npy")
            execute(program, sizes, interface(counting, setting), {**given, measure.COUNTER: counts}, {measure.COUNTER: counter}, folder, "interp")
            seen = measure.seen_of(names, np.load(counter))
        return cut, seen
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def setting_text(setting):
    return " ".join(f"{k}={v}" for k, v in setting.items() if not k.startswith("_"))


def guarded(f, *args):
    try:
        return f(*args), None, None
    except Wrong as e:
        return None, e.code or "harness", str(e)
    except Exception as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        return None, "harness", f"harness: {type(e).__name__}: {e} ({os.path.basename(where.filename)}:{where.lineno})"


def put_through(path, row, out):
    """the four marks of the table; what is neither seen nor explained, and what is explained and seen, goes to out["wrong"]"""
    settings = []
    for setting, one in zip(row.small, out["small"]):
        got, code, wrong = guarded(measured, path, row, setting)
        if wrong and code in row.refused:       # it does not get to its end
            return "----"
        if wrong:
            out["wrong"].append(f"[{setting_text(setting)}] not measured: {wrong}")
            return "????"
        cut, seen = got
        one["tiles"] = " ".join(sorted({f"{n}/{w}" for n, w in cut.values()}))
        one["trips"] = {name: " ".join(c for c in measure.CLASSES if c in counts) for name, counts in seen.items()}
        settings.append(got)
    dims, counts, tiled, looped = measure.lacking(settings)
    lacks = {**({"remainder": "never two tiles and a remainder of " + ", ".join(dims)} if dims else {}),
             **({c: f"no loop that ran {c} times" for c in counts} if looped else {})}
    marks = ""
    for key, mark, there in (("remainder", "r", tiled), ("0", "0", looped), ("1", "1", looped), ("more", "+", looped)):
        if key in lacks and key not in row.fixed:
            out["wrong"].append(f"{lacks[key]}, and no reason")
        if key in row.fixed and key not in lacks:
            out["wrong"].append(f"there is a reason for what was seen or cannot be: {key}")
        marks += "-" if not there else ("=" if key in row.fixed else "?") if key in lacks else mark
    if row.fixed:
        out["fixed"] = row.fixed
    return marks


def judge_row(row, examples, options):
    path = os.path.join(examples, row.file)
    out = dict(file=row.file, kernel=row.kernel, prim=row.prim, ref=row.ref, own=None, small=[], wrong=[])
    if not os.path.exists(path):
        return {**out, "wrong": [f"no such file: {row.file}"]}
    if not options.small:
        took, code, wrong = guarded(own, path, row)
        out["own"] = "accepted" if not wrong else code
        out["ms"] = None if wrong else round(1000 * took, 1)
        if wrong and code not in row.refused:
            out["wrong"].append(wrong)
    if not options.own and not (row.tables and os.environ.get("ASAN")):       # Python cannot load a library that has the sanitizers
        for setting in row.small[:1] if options.fast else row.small:
            got, code, wrong = guarded(small, path, row, setting, options.device)
            one = dict(setting=setting_text(setting))
            if wrong:
                one["result"] = code
                if code not in row.refused:
                    out["wrong"].append(f"[{setting_text(setting)}] {wrong}")
            else:
                one.update(result="ok", error=float(f"{got[0]:.2g}"), bound=float(f"{got[1]:.2g}"), seconds=round(got[2], 2))
                if got[3]:
                    one["note"] = got[3]
            out["small"].append(one)
        if not options.fast and row.small:
            out["seen"] = put_through(path, row, out)
    if row.note:
        out["note"] = row.note
    return out


# ---- the table ------------------------------------------------------------------------------------

def line(r):
    front = "-" if r["own"] is None else f"{r['ms']:.0f} ms" if r["own"] == "accepted" else r["own"]
    smalls = []
    for s in r["small"]:
        smalls.append(f"{s['error']:.2g}/{s['bound']:.1g}" if s["result"] == "ok" else s["result"])
    seconds = sum(s.get("seconds", 0) for s in r["small"])
    name = f"{r['file']}:{r['kernel']}" + (f" ({r['prim']})" if r["prim"] not in (r["kernel"], "main") else "")
    return f"{name:94} {front:>8}  {r['ref']:36} {' '.join(smalls):48} {r.get('seen', ''):4} {seconds:5.1f} s"


def shares(marks):
    """what -> how many rows were seen to have it, do not allow it, have no such dimension or loop"""
    out = {}
    for at, what in enumerate(("two tiles and a remainder", "a loop never run", "a loop run once", "a loop run more than once")) if marks else ():
        column = [m[at] for m in marks]
        fixed, none, lacking = (column.count(c) for c in "=-?")
        out[what] = {"seen": len(column) - fixed - none - lacking, "not allowed by the program": fixed, "nothing of the kind": none, **({"lacking": lacking} if lacking else {})}
    return out


class Progress:
    def __init__(self, n):
        self.n, self.k, self.on = n, 0, sys.stderr.isatty()

    def step(self, name):
        self.k += 1
        if self.on:
            bar = "#" * (30 * self.k // max(self.n, 1))
            sys.stderr.write(f"\r[{bar:30}] {self.k}/{self.n} {name[:60]:60}" + ("\n" if self.k == self.n else ""))
            sys.stderr.flush()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--device", default="interp")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    everything = manifest.rows()
    chosen = [r for r in everything if not options.patterns or any(p in r.name or p in r.ref for p in options.patterns)]
    if options.list:
        for r in chosen:
            print(f"{r.name:100} {r.ref}")
        return
    home, why = public.folder()
    if not home:
        print(f"SKIP the public example set: {why}")
        print(f"0 passed, 0 failed, {len(chosen)} skipped")
        return
    examples = os.path.join(home, "examples")
    progress, start = Progress(len(chosen)), time.time()
    results = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for r in pool.map(lambda row: judge_row(row, examples, options), chosen):
            progress.step(r["file"])
            results.append(r)
            print(("ok   " if not r["wrong"] else "FAIL ") + line(r))
            for w in r["wrong"]:
                print("    " + w)
            sys.stdout.flush()
    bad = sum(1 for r in results if r["wrong"])
    accepted = sum(1 for r in results if r["own"] == "accepted")
    judged = [r for r in results if r["small"] and all(s["result"] == "ok" for s in r["small"])]
    ms = sorted(r["ms"] for r in results if r.get("ms") is not None)
    print()
    if ms:
        print(f"accepted {accepted} of {len(results)}; front end and verifier, whole command: median {ms[len(ms) // 2]:.0f} ms, largest {ms[-1]:.0f} ms")
    print(f"run and judged {len(judged)} of {len(results)}, {sum(len(r['small']) for r in judged)} settings, by {len({r['ref'] for r in judged})} references")
    shown = shares([r["seen"] for r in results if "seen" in r])
    for what, share in shown.items():
        print(f"{what}: " + ", ".join(f"{n} {how}" for how, n in share.items()))
    refused = {}
    for r in results:
        if r["own"] not in (None, "accepted"):
            refused.setdefault(r["own"], []).append(r["file"])
    for code, files in sorted(refused.items()):
        print(f"refused with {code}: {len(files)}: {', '.join(sorted(set(files)))[:300]}")
    if options.json:
        head = dict(version=public.VERSION, device=options.device, accepted=accepted, judged=len(judged), shown=shown)
        with open(options.json, "w") as f:              # a row a line
            f.write(json.dumps(head)[:-1] + ', "rows": [\n' + ",\n".join(json.dumps(r) for r in results) + "\n]}\n")
    missing = 0
    if not options.patterns and len(everything) != KERNELS:
        missing = abs(KERNELS - len(everything))
        print(f"FAIL the manifest has {len(everything)} rows of {KERNELS}")
    print(f"{time.time() - start:.0f} s")
    print(f"{len(results) - bad} passed, {bad + (missing > 0)} failed, 0 skipped")
    sys.exit(1 if bad or missing else 0)


if __name__ == "__main__":
    main()
