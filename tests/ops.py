"""Every element operation x element type x machine, made from the table (`kiln ops --table`): a new row is tested by being there.

For each row and type a program of one nest is generated from the row's own source text; its result is compared with the row's numpy text.
The interpreter and the CPU must do all of them. A machine may refuse one with a coded error of kind unsupported or todo (counted as
skipped); it may not give wrong numbers. What a machine accepts is run together, a few operations in one program, to save compilations."""
import concurrent.futures, os, re, sys
import numpy as np
from kiln import TMP, Failure, Report, call, present, rounded, run, table

TILE = 32
RAGGED, WHOLE = (40, 70), (64, 96)      # two tiles and more; integers are divided in whole tiles alone: past the end stands 0
REFUSED = {("div", "signed"), ("neg", "unsigned")}      # what the language itself refuses, with E0302
TOGETHER = 8            # operations in one program


def classes():
    """types that a machine's text can hold; the others, and pointers, are the interpreter's own (tests/unit)"""
    return {row["dtype"]: (row["class"], int(row["bits"])) for row in table("dtypes") if row["cpu"] != "-" and row["dtype"] != "handle"}


CLASS = classes()


def operand_types(op, dtype):
    """types of the operands, and of the result; None when the row is not for this type"""
    cls = CLASS[dtype][0]
    n = int(op["args"])
    rule = op["rule"]
    if rule in ("arith", "cmp", "same", "flt", "ints", "shift") and cls == "bool":
        return None
    if rule == "logic":
        return ([dtype] * n, dtype) if cls == "bool" else None
    if rule == "flt" and cls != "float":
        return None
    if rule in ("ints", "shift") and cls == "float":
        return None
    if rule == "cmp":
        return [dtype] * n, "bool"
    if rule == "select":
        return (["bool"] + [dtype] * (n - 1), dtype) if cls != "bool" else None
    return [dtype] * n, dtype


def draw(rng, lo, hi, dtype, shape):
    cls, bits = CLASS[dtype]
    if cls == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if cls == "float":
        return rounded(rng.uniform(lo, hi, shape), dtype)
    if cls == "unsigned":
        lo = max(lo, 0)
    return rng.integers(int(np.ceil(lo)), int(np.floor(hi)) + 1, shape).astype(dtype)


def reference(op, arrays, out):
    """the row's numpy text on float64 or on the integers themselves; None: numpy has no meaning for this type"""
    names = dict(zip("abc", arrays), np=np)
    with np.errstate(all="ignore"):
        try:
            want = eval(op["numpy"], {}, names)
        except TypeError:
            return None
    if CLASS[out][0] == "float":
        return rounded(want, out)
    return np.trunc(want).astype(out) if np.asarray(want).dtype.kind == "f" else np.asarray(want).astype(out)


def tolerance(op, out, device):
    """relative and absolute; integers, bools and exactly rounded float operations must be equal"""
    if CLASS[out][0] != "float":
        return 0, 0
    step = {"float64": 2.0 ** -20, "float32": 2.0 ** -20, "float16": 2.0 ** -10, "bfloat16": 2.0 ** -7, "float8_e4m3fn": 2.0 ** -3, "float8_e5m2": 2.0 ** -2}[out]
    if device == "mock":
        step = max(step, 2.0 ** -7)
    return 1.01 * step, step * (0.5 if device == "mock" else 2.0 ** -3)


class Case:
    def __init__(self, op, dtype, seed):
        self.op, self.dtype = op, dtype
        self.name = f"{op['op']}_{dtype}"
        self.types, self.out = operand_types(op, dtype)
        rng = np.random.default_rng(seed)
        ends = [float(x) for x in op["domain"].split()]
        divides = len(self.types) == 2 and ends[2] > 0 and CLASS[dtype][0] != "float"
        self.shape = WHOLE if divides else RAGGED
        self.arrays = [draw(rng, ends[2 * i], ends[2 * i + 1], t, self.shape) for i, t in enumerate(self.types)]
        self.want = reference(op, self.arrays, self.out)
        self.refused = (op["op"], CLASS[dtype][0]) in REFUSED

    def params(self):
        names = [f"{x}_{self.name}" for x in "abc"[:len(self.types)]]
        return list(zip(names, self.types)) + [(f"y_{self.name}", self.out)]

    def nest(self):
        text = self.op["source"]
        for i in range(len(self.types)):
            text = text.replace(f"${i}", f"{'abc'[i]}_{self.name}[by * {TILE} + i, bx * {TILE} + j]")
        return (f"            for i, j in T.Parallel({TILE}, {TILE}):\n"
                f"                y_{self.name}[by * {TILE} + i, bx * {TILE} + j] = {text}\n")


def program(cases, path):
    params = ",\n        ".join(f'{n}: T.Tensor({c.shape}, "{t}")' for c in cases for n, t in c.params())
    body = "".join(c.nest() for c in cases)
    grid = f"T.ceildiv({cases[0].shape[1]}, {TILE}), T.ceildiv({cases[0].shape[0]}, {TILE})"
    open(path, "w").write(f"import tilelang.language as T\n\n\n@T.prim_func\ndef ops(\n        {params}):\n"
                          f"        with T.Kernel({grid}, threads=128) as (bx, by):\n{body}")
    return path


def accepts(case, target):
    """None, or the code with which the target refuses this operation"""
    path = program([case], os.path.join(TMP, f"{case.name}.{target}.py"))
    status, _, err = call("emit", path, "--target", target)
    if status == 0:
        return None
    m = re.search(r"(unsupported|todo)\[(E\d+)\]", err)
    return (m.group(2) if m else "") + "\n" + err[:400]


def wrong(case, got, device):
    rel, absolute = tolerance(case.op, case.out, device)
    if rel == 0:
        bad = np.argwhere(got != case.want)
    else:
        bad = np.argwhere(~(np.abs(got - case.want) <= absolute + rel * np.abs(case.want)) & ~((got == case.want) | (np.isnan(got) & np.isnan(case.want))))
    if not len(bad):
        return None
    at = tuple(bad[0])
    return f"{len(bad)} of {got.size}, first {[a[at] for a in case.arrays]} gives {got[at]}, not {case.want[at]}"


def run_cases(cases, device, tag):
    """name -> what is wrong; when the program of all falls, each runs alone so that the culprit is named"""
    path = program(cases, os.path.join(TMP, f"ops.{device}.{tag}.py"))
    inputs = {n: (t, a) for c in cases for (n, t), a in zip(c.params(), c.arrays)}
    outputs = {f"y_{c.name}": c.out for c in cases}
    try:
        got = run(path, device, {}, inputs, outputs)
    except Failure as e:
        if len(cases) == 1:
            return {cases[0].name: str(e)}
        out = {}
        for c in cases:
            out.update(run_cases([c], device, f"{tag}.{c.name}"))
        return out
    return {c.name: wrong(c, got[f"y_{c.name}"], device) for c in cases}


def device_cases(report, device, target, cases):
    may_refuse = device not in ("interp", "cpu")
    taken, jobs, skipped = [], [], {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        refusals = list(pool.map(lambda c: accepts(c, target), cases)) if target else [None] * len(cases)
        for c, no in zip(cases, refusals):
            if no and may_refuse and no.startswith("E"):
                skipped.setdefault((c.dtype, no.splitlines()[0]), []).append(c.op["op"])
            elif no:
                report.check(f"{c.name} on {device}", "refused: " + no)
            else:
                taken.append(c)
        for kind in dict.fromkeys((c.dtype, c.shape) for c in taken):
            own = [c for c in taken if (c.dtype, c.shape) == kind]
            jobs += [(own[i:i + TOGETHER], f"{kind[0]}.{own[0].name}.{i}") for i in range(0, len(own), TOGETHER)]
        for part in pool.map(lambda j: run_cases(j[0], device, j[1]), jobs):
            for name, what in part.items():
                report.check(f"{name} on {device}", what)
    for (dtype, code), ops in skipped.items():
        for op in ops:
            report.check(f"{op} of {dtype} is refused for {device}: {code}", None)


def language_refuses(case):
    path = program([case], os.path.join(TMP, f"{case.name}.refused.py"))
    status, _, err = call("emit", path)
    return None if status == 1 and "E0302" in err else f"status {status}: {err}"


def main():
    report = Report()
    ops = table("ops")
    cases = [Case(op, dtype, 100 * i + j) for i, op in enumerate(ops) for j, dtype in enumerate(CLASS) if operand_types(op, dtype)]
    cases = [c for c in cases if c.want is not None]
    report.check("the tables have rows", None if len(ops) > 20 and len(cases) > 100 else f"{len(ops)} operations, {len(cases)} cases")
    report.each([(f"{c.name} is refused", lambda c=c: language_refuses(c)) for c in cases if c.refused])
    cases = [c for c in cases if not c.refused]
    for row in table("devices"):
        if sys.argv[1:] and row["device"] not in sys.argv[1:]:
            continue
        why = present(row["device"])
        if why:
            report.skip(f"{row['device']}: {why}", len(cases))
        else:
            device_cases(report, row["device"], None if row["target"] == "-" else row["target"], cases)
    report.done()


if __name__ == "__main__":
    main()
