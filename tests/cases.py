"""The small programs of tests/run, one idea a file, on every machine. A file holds the kernel and, beside it, what it is measured with:

    CASES = [dict(M=70, N=100, _tol=1e-5)]     what -D gives; with a leading underscore: _tol the bound, _kernel its
                                               name in the file, _not the columns that must refuse it as unsupported or not built yet
    OPEN = {"rows"}                            names in CASES that are sizes the program leaves open: inputs() needs them, -D does not give them
    def inputs(rng, **case)                    name -> (type, array)
    def ref(a, **case)                         name -> (type, array) in float64, of the inputs as their types hold them

    cases.py [interp|cpu|mock|cuda|check|dumps|cubin|emulated]... [NAME]...    these columns, these files; all files without a name

dumps: what is printed is read back and runs; cubin: the CUDA text is compiled; emulated: it runs on the host (tests/target/cuda). These three
are not run unless named.
An element passes when |x - ref| <= tol (|ref| + rms(ref)); integers must be equal, infinities and NaN stand at the same places."""
import glob, importlib, importlib.util, os, re, sys, types
import numpy as np
from kiln import ALL, ROOT, TMP, Failure, Report, call, finite, present, rounded, run, same_specials, table

DEVICES = ["interp", "cpu", "mock", "cuda"]
COLUMNS = ["check", "interp", "cpu", "mock", "cuda"]
SLOW = ["dumps", "cubin", "emulated"]
TOL = {"float64": 1e-12, "float32": 2e-5, "float16": 4e-3, "bfloat16": 3e-2, "float8_e4m3fn": 0.2, "float8_e5m2": 0.3}
COARSE = 2e-2       # on the chip float32 passes registers of 19 bits
FEW = {"dumps": 1, "cpu": 2, "mock": 1, "cubin": 1, "emulated": 1}      # cases of a file that are tried, unless ALL or the file is named
LIMIT = int(os.environ.get("LIMIT", 60))


class Anything(types.ModuleType):
    """stands for the dialect where Python itself reads a file: only the references in it are called"""
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(name)

    def __call__(self, *args, **kwargs):
        return Anything("")

    def __iter__(self):
        return iter([Anything("")] * 2)

    def _same(self, *other):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __floordiv__ = __mod__ = __neg__ = __getitem__ = _same


for module in ("tilelang", "tilelang.language", "tilelang.autotuner"):
    sys.modules[module] = Anything(module)


def load(path):
    spec = importlib.util.spec_from_file_location("case_" + os.path.basename(path)[:-3], path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong(name, x, dtype, want, tol):
    if x.shape != want.shape:
        return f"{name}: shape {x.shape}, not {want.shape}"
    if np.asarray(want).dtype.kind in "iub":
        bad = np.argwhere(x != want)
    else:
        x, want = x.astype(float), want.astype(float)
        if not same_specials(x, want):
            bad = np.argwhere((np.isnan(x) != np.isnan(want)) | (np.where(np.isinf(x), x, 0) != np.where(np.isinf(want), want, 0)))
        else:
            a, b = finite(x), finite(want)
            bad = np.argwhere(np.abs(a - b) > tol * (np.abs(b) + (np.sqrt((b ** 2).mean()) if b.size else 0)))
    if len(bad):
        at = tuple(map(int, bad[0]))
        return f"{name}: {len(bad)} of {x.size} elements, first at {at}: {x[at]!r}, not {want[at]!r}"
    return None


def execute(path, module, case, device, run=run):
    case = dict(case)
    tol, kernel, refused = case.pop("_tol", None), case.pop("_kernel", None), device in case.pop("_not", ())
    given = module.inputs(np.random.default_rng(5), **case)
    want = module.ref({n: rounded(x, t) for n, (t, x) in given.items()}, **case)
    bind = {k: v for k, v in case.items() if k not in getattr(module, "OPEN", ())}
    given = {n: (t, x) if np.ndim(x) else np.asarray(x, object if np.asarray(x).dtype != bool else int).item()
                 for n, (t, x) in given.items()}
    try:
        got = run(path + (":" + kernel if kernel else ""), device, bind, given, {n: t for n, (t, _) in want.items()}, timeout=LIMIT)
    except Failure as e:
        if refused and e.status == 1 and re.search(r"(unsupported|todo)\[E\d+\]", e.text):
            return None
        raise
    if refused:
        return "is not refused"
    for name, (dtype, value) in want.items():
        bound = tol or TOL.get(dtype, 0)
        bound = max(bound, COARSE) if device == "mock" else bound
        bad = wrong(name, got[name], dtype, np.asarray(value), bound)
        if bad:
            return bad
    return None


def binds(module, case):
    return [w for k, v in case.items() if k[0] != "_" and k not in getattr(module, "OPEN", ()) for w in ("-D", f"{k}={v}")]


def entry(path, case):
    return path + (":" + case["_kernel"] if "_kernel" in case else "")


def check(path, module, case):
    status, _, err = call("check", entry(path, case), *binds(module, case), timeout=LIMIT)
    return None if status == 0 else f"status {status}: {err}"


def dumps(path, module, case):
    """every dump prints itself again, and the interpreter gets the same numbers from it"""
    folder = os.path.join(TMP, f"dump-{os.path.basename(path)}-{abs(hash(str(case)))}")
    os.makedirs(folder, exist_ok=True)
    for stage, target in [("tile", None)] + [("sched", row["target"]) for row in table("targets")]:
        if {"metalium": "mock"}.get(target, target) in case.get("_not", ()):
            continue
        option = ["--emit=" + stage] + (["--target", target] if target else [])
        first, again = os.path.join(folder, (target or stage) + ".py"), os.path.join(folder, "again.py")
        status, _, err = call("emit", entry(path, case), *option, *binds(module, case), "-o", first, timeout=LIMIT)
        if status:
            return f"{target or stage}: status {status}: {err}"
        status, _, err = call("emit", first, *option, "-o", again, timeout=LIMIT)
        if status or open(first).read() != open(again).read():
            return f"{target or stage}: does not read back: " + (err or "another text")
        plain = {k: v for k, v in case.items() if k != "_kernel"}
        opened = types.SimpleNamespace(inputs=module.inputs, ref=module.ref, OPEN=set(plain))
        try:
            bad = execute(first, opened, plain, "interp")
        except Failure as e:
            bad = str(e)
        if bad:
            return f"{target or stage}: on the interpreter: {bad}"
    return None


def other(folder, name):
    """a test beside this one, as a module"""
    sys.path.insert(0, os.path.join(ROOT, "tests", folder))
    return importlib.import_module(name)


def emulated(path, module, case):
    return execute(path, module, case, "emulated", run=other("target/cuda", "emulate").run)


def cubin(path, module, case):
    maker = other("", "cubin")
    if "cubin" in case.get("_not", ()) or not maker.NVRTC:
        return None
    return maker.check(entry(path, case), binds(module, case)[1::2])


def main():
    columns = [w for w in sys.argv[1:] if w in COLUMNS + SLOW] or COLUMNS
    names = [w for w in sys.argv[1:] if w not in COLUMNS + SLOW]
    files = [f for f in sorted(glob.glob(os.path.join(ROOT, "tests/run/*.py"))) if not names or os.path.basename(f)[:-3] in names]
    report, jobs = Report(), []
    for column in columns:
        why = present(column) if column in DEVICES else None
        for f in files:
            path, module = os.path.relpath(f, ROOT), load(f)
            for k, case in enumerate(module.CASES):
                if why:
                    report.skip(f"{column}: {why}")
                elif k >= FEW.get(column, 1000) and not ALL and not names:
                    continue
                elif column in DEVICES:
                    jobs.append((column, path, case, lambda p=path, m=module, c=case, d=column: execute(p, m, c, d)))
                else:
                    f = {"check": check, "dumps": dumps, "cubin": cubin, "emulated": emulated}[column]
                    jobs.append((column, path, case, lambda p=path, m=module, c=case, f=f: f(p, m, c)))
    report.each([(f"{column} {path} " + " ".join(f"{k}={v}" for k, v in case.items()), job) for column, path, case, job in jobs])
    report.done()


if __name__ == "__main__":
    main()
