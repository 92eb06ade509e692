"""Random tile programs that every device must run to the same last bit. Tiles hold small integers, which all formats hold exactly: every
nest ends with a clamp, products are of numbers up to 3, so it does not matter what a device computes in. The interpreter is the measure.

    agree.py FIRST COUNT [sched|cpu|mock|emulated|cuda]...    seeds FIRST .. FIRST + COUNT; sched: all targets' schedules, interpreted
    agree.py FIRST                                            prints the program of one seed"""
import importlib, os, random, sys
import numpy as np
from kiln import ROOT, TMP, Failure, Report, call, present, run, table

FLOATS, LOW, HIGH = ["float32", "float32", "float16", "bfloat16"], -8, 8


class Tile:
    def __init__(self, name, kind, shape, dtype, space):
        self.name, self.kind, self.shape, self.dtype, self.space = name, kind, shape, dtype, space


class Maker:
    """Tiles are RC (R rows, C columns), R or C; X0 .. are (M, N), u (M,), v (N,), n trip counts and choices, at rows; Y0 .. outputs"""

    def __init__(self, seed):
        r = self.r = random.Random(seed)
        self.R, self.C = r.choice([16, 32, 32, 48, 64]), r.choice([16, 24, 32, 32, 64])
        self.square = r.random() < 0.4
        if self.square:
            self.C = self.R = r.choice([16, 32, 64])
        self.M = self.R * r.randint(1, 2) + r.choice([0, 1, 5])
        self.steps = r.randint(1, 4)
        self.N = self.C * self.steps - r.choice([0, 3])
        self.inputs, self.open = r.randint(1, 3), r.random() < 0.3
        self.tiles, self.outs, self.lines, self.depth, self.loops, self.count, self.lets = [], [], [], 2, [], 0, []
        self.product = False

    def put(self, text):
        self.lines.append("    " * self.depth + text)

    def fresh(self, stem):
        self.count += 1
        return f"{stem}{self.count}"

    def tile(self, kind=None, dtype=None, space=None):
        kind = kind or self.r.choice(["RC", "RC", "RC", "R", "C"])
        dtype = dtype or (self.r.choice(FLOATS) if self.r.random() < 0.8 else "int32")
        space = space or self.r.choice(["shared", "fragment"])
        self.tiles.append(Tile(self.fresh(space[0]), kind, {"RC": (self.R, self.C), "R": (self.R,), "C": (self.C,)}[kind], dtype, space))

    def pick(self, **want):
        fits = [t for t in self.tiles if all(getattr(t, k) in (v if isinstance(v, tuple) else (v,)) for k, v in want.items())]
        return self.r.choice(fits) if fits else None

    # ---- values of a nest over i, j -----------------------------------------------------------------

    def column(self):
        return self.r.choice([f"{k} * {self.C}" for k in self.loops] + ["0"])

    def leaf(self, kind, own=None):
        x, what = self.r.random(), f"X{self.r.randrange(self.inputs)}"
        if x < 0.6:
            t = self.r.choice(self.tiles)
            if t.kind == kind:
                turned = kind == "RC" and self.square and t is not own and self.r.random() < 0.2
                return t.name + ("[j, i]" if turned else {"RC": "[i, j]", "R": "[i]", "C": "[j]"}[kind])
            if kind == "RC":
                return f"{t.name}[{'i' if t.kind == 'R' else 'j'}]"
        if x < 0.7:
            shift = self.r.choice(["", "", "", " - 1", " + 2"])
            return {"RC": f"{what}[by * {self.R} + i{shift}, {self.column()} + j]", "R": f"u[by * {self.R} + i{shift}]",
                    "C": f"v[{self.column()} + j{shift}]"}[kind]
        if x < 0.74 and kind != "C":
            return f"{what}[at[by * {self.R} + i], {'j' if kind == 'RC' else '3'}]"
        if x < 0.8 and self.lets:
            return self.r.choice(self.lets)
        if x < 0.9:
            return self.r.choice([e for e in ("i % 3", "i - j", "j % 4", "j // 5", "by", *self.loops)
                                  if ("i" not in e or "R" in kind) and ("j" not in e or "C" in kind)])
        return self.r.choice(["1.0", "2.0", "-1.0", "0.0", "3"])

    def value(self, kind, depth, own=None):
        if depth == 0:
            return self.leaf(kind, own)
        a, b = self.value(kind, depth - 1, own), self.value(kind, self.r.randrange(depth), own)
        form = self.r.choice(["({a} + {b})", "({a} - {b})", "T.max({a}, {b})", "T.min({a}, {b})", "({a} * {c})", "T.abs({a})", "(-({a}))",
                              "T.if_then_else({a} > {b}, {a}, {d})", "T.if_then_else({a} == {d} or {b} < {c}, {d}, {b})"])
        return form.format(a=a, b=b, c=self.r.choice(["2", "-1.0", "0.5 * 2.0"]), d=self.leaf(kind, own))

    def clamped(self, t):
        return f"T.max(T.min({self.value(t.kind, self.r.randint(1, 2), t)}, {HIGH}), {LOW})"

    # ---- statements -----------------------------------------------------------------------------------

    def open_nest(self, kind):
        names, index = {"RC": ("i, j", f"{self.R}, {self.C}"), "R": ("i", f"{self.R}"), "C": ("j", f"{self.C}")}[kind]
        self.put(f"for {names} in T.Parallel({index}):")
        return names

    def nest(self):
        t = self.r.choice(self.tiles)
        names = self.open_nest(t.kind)
        self.depth += 1
        form = self.r.random()
        if form < 0.15:
            self.put(f"if {self.leaf(t.kind)} > {self.r.choice(['0', '1'])}:")
            self.put(f"    {t.name}[{names}] = {self.clamped(t)}")
            if self.r.random() < 0.5:
                self.put("else:")
                self.put(f"    {t.name}[{names}] = {self.clamped(t)}")
        elif form < 0.3:
            let, other = self.fresh("l"), self.pick(kind=t.kind)
            self.put(f"{let} = {self.clamped(t)}")
            self.put(f"{t.name}[{names}] = {let}")
            if other is not t:
                self.put(f"{other.name}[{names}] = T.min({let}, 2)")
        else:
            self.put(f"{t.name}[{names}] = {self.clamped(t)}")
        self.depth -= 1

    def clamp(self, name, kind):
        names = self.open_nest(kind)
        self.put(f"    {name}[{names}] = T.max(T.min({name}[{names}], {HIGH}), {LOW})")

    def load(self):
        t, c = self.r.choice(self.tiles), self.column()
        what, rows = f"X{self.r.randrange(self.inputs)}", f"by * {self.R}"
        self.put({"RC": self.r.choice([f"T.copy({what}[{rows}, {c}], {t.name})", f"T.copy({what}[{rows} - 2 : {rows} + {self.R - 2}, {c} : {c} + {self.C}], {t.name})"]),
                  "R": self.r.choice([f"T.copy(u[{rows} : {rows} + {self.R}], {t.name})", f"T.copy({what}[{rows} : {rows} + {self.R}, {c}], {t.name})"]),
                  "C": f"T.copy(v[{c} : {c} + {self.C}], {t.name})"}[t.kind])

    def store(self):
        t = self.pick(kind=("RC", "R"))
        if not t:
            return
        name, rows = f"Y{len(self.outs)}", f"by * {self.R}"
        self.outs.append((name, t.kind, t.dtype))
        if self.r.random() < 0.5:
            self.put(f"T.copy({t.name}, {name}[{rows} : {rows} + {self.R}])" if t.kind == "R" else f"T.copy({t.name}, {name}[{rows}, {self.column()}])")
        else:
            at = f"{rows} + i" + (f", {self.column()} + j" if t.kind == "RC" else "")
            names = self.open_nest(t.kind)
            self.put(f"    {name}[{at}] = {t.name}[{names}]")

    def move(self):
        a = self.r.choice(self.tiles)
        b = self.pick(kind=a.kind)
        if a is not b:
            self.put(f"T.copy({a.name}, {b.name})")

    def reduce(self):
        src = self.pick(kind="RC")
        dst = src and self.pick(kind=("R", "C"), dtype="int32" if src.dtype == "int32" else "float32")
        if dst:
            op, clear = self.r.choice(["sum", "max", "min", "absmax"]), self.r.choice(["", "", ", clear=False"])
            self.put(f"T.reduce_{op}({src.name}, {dst.name}, dim={1 if dst.kind == 'R' else 0}{clear})")
            self.clamp(dst.name, dst.kind)

    def scan(self):
        src = self.pick(kind="RC", dtype=("float32", "int32"))
        dst = src and self.pick(kind="RC", dtype=src.dtype)
        if dst and src is not dst:
            self.put(f"T.cumsum({src.name}, {dst.name}, dim={self.r.randrange(2)}{self.r.choice(['', ', reverse=True'])})")
            self.clamp(dst.name, "RC")

    def gemm(self):
        a = self.pick(kind="RC", dtype=("float16", "bfloat16"), space="shared")
        b = a and self.pick(kind="RC", dtype=a.dtype, space="shared")
        if not b:
            return
        self.product = True
        self.put(f"T.gemm({a.name}, {b.name}, product, transpose_B=True{self.r.choice(['', ', clear_accum=True'])})")
        self.put(f"for i, j in T.Parallel({self.R}, {self.R}):")
        self.put(f"    product[i, j] = T.max(T.min(product[i, j], {HIGH}), {LOW})")
        row = self.pick(kind="R", dtype="float32")
        if row:
            self.put(f"T.reduce_{self.r.choice(['sum', 'max'])}(product, {row.name}, dim=1)")
            self.clamp(row.name, "R")

    def loop(self):
        if len(self.loops) == 2:
            return
        k = self.fresh("k")
        trips = self.r.choice([str(self.steps), str(self.steps), "1", "0", "n[by]", f"T.min(n[by] + 1, {self.steps})", f"1, {self.steps}"])
        self.put(f"for {k} in " + self.r.choice([f"T.Pipelined({trips}, num_stages={self.r.randint(0, 3)})", f"T.serial({trips})",
                                                 f"T.Pipelined({trips}, num_stages=2)"]) + ":")
        self.loops.append(k)
        self.inside()
        self.loops.pop()

    def inside(self):
        self.depth += 1
        mark, lets = len(self.lines), list(self.lets)
        self.statements(self.r.randint(1, 4))
        if len(self.lines) == mark:
            self.nest()
        self.lets = lets
        self.depth -= 1

    def branch(self):
        self.put("if " + self.r.choice(["by == 0", "n[by] > 1", *[f"{k} > 0" for k in self.loops], *[f"({k} + by) % 2 == 0" for k in self.loops]]) + ":")
        self.inside()
        if self.r.random() < 0.4:
            self.put("else:")
            self.inside()

    def let(self):
        name = self.fresh("a")
        self.put(f"{name} = {self.r.choice(['n[by]', 'n[by] % 2', 'v[by]', 'u[0]'])}")
        self.lets.append(name)

    def statements(self, count):
        flat = [(self.nest, 6), (self.load, 6), (self.store, 2), (self.move, 2), (self.reduce, 3), (self.scan, 1), (self.gemm, 2), (self.let, 1)]
        nested = [(self.loop, 3), (self.branch, 1.5)] if self.depth < 6 else []
        for _ in range(count):
            self.r.choices([f for f, _ in flat + nested], [w for _, w in flat + nested])[0]()

    def program(self):
        for _ in range(self.r.randint(3, 6)):
            self.tile()
        if self.r.random() < 0.4:
            self.tile("RC", "float16", "shared"), self.tile("R", "float32", "fragment")
        self.statements(self.r.randint(3, 8))
        self.store(), self.store()
        body, self.lines = self.lines, []
        M, N = ("M", "N") if self.open else (self.M, self.N)
        params = [f'X{k}: T.Tensor(({M}, {N}), "float32")' for k in range(self.inputs)]
        params += [f'u: T.Tensor(({M},), "float32")', f'v: T.Tensor(({N},), "float32")', 'n: T.Tensor((3,), "int32")', f'at: T.Tensor(({M},), "int32")']
        params += [f'{name}: T.Tensor({f"({M}, {N})" if kind == "RC" else f"({M},)"}, "{dtype}")' for name, kind, dtype in self.outs]
        head = ["import tilelang.language as T", "", *(['M, N = T.dynamic("M, N")'] if self.open else []), "", "@T.prim_func",
                f"def program({', '.join(params)}):", f"    with T.Kernel(T.ceildiv({M}, {self.R}), threads={self.r.choice([128, 128, 256])}) as by:"]
        for t in self.tiles:
            self.put(f'{t.name} = T.alloc_{t.space}({t.shape}, "{t.dtype}")')
        if self.product:
            self.put(f'product = T.alloc_fragment(({self.R}, {self.R}), "float32")')
        for name in [t.name for t in self.tiles] + ["product"] * self.product:
            self.put(f"T.clear({name})")
        return "\n".join(head + self.lines + body) + "\n"

    def arrays(self, seed):
        rng = np.random.default_rng(seed)
        a = {f"X{k}": ("float32", rng.integers(-3, 4, (self.M, self.N))) for k in range(self.inputs)}
        a |= {"u": ("float32", rng.integers(-3, 4, self.M)), "v": ("float32", rng.integers(-3, 4, self.N)),
              "n": ("int32", rng.integers(0, self.steps + 1, 3)), "at": ("int32", rng.integers(-1, self.M + 1, self.M))}
        return a | {name: (dtype, np.zeros((self.M, self.N) if kind == "RC" else self.M)) for name, kind, dtype in self.outs}


def differs(what, got, want):
    for name in want:
        bad = np.argwhere(got[name] != want[name])
        if len(bad):
            at = tuple(map(int, bad[0]))
            return f"{what}: {name}{list(at)} is {got[name][at]}, not {want[name][at]}; {len(bad)} of {got[name].size} differ"
    return None


def schedules(path, arrays, outs, want):
    wrong = []
    for target in [row["target"] for row in table("targets")]:
        dump = f"{path[:-3]}-{target}.py"
        status, _, err = call("emit", path, "--emit=sched", "--target", target, "-o", dump, timeout=60)
        if status:
            raise Failure(status, err)
        if call("emit", dump, "--emit=sched", "--target", target, timeout=60)[1] != open(dump).read():
            wrong.append(f"the schedule for {target} does not print itself")
        wrong.append(differs("the schedule for " + target, run(dump, "interp", {}, arrays, outs, timeout=60), want))
    return wrong


def trial(seed, devices):
    maker = Maker(seed)
    path = os.path.join(TMP, f"program{seed}.py")
    with open(path, "w") as f:
        f.write(maker.program())
    arrays, outs, wrong = maker.arrays(seed), {name: dtype for name, _, dtype in maker.outs}, []
    want = run(path, "interp", {}, arrays, outs, timeout=60)
    for device in devices:
        try:
            if device == "sched":
                wrong += schedules(path, arrays, outs, want)
            elif device == "emulated":
                sys.path.insert(0, os.path.join(ROOT, "tests/target/cuda"))
                wrong.append(differs(device, importlib.import_module("emulate").run(path, "cuda", {}, arrays, outs, timeout=100), want))
            else:
                wrong.append(differs(device, run(path, device, {}, arrays, outs, timeout=100), want))
        except Failure as e:
            wrong.append(f"{device}: {e}")
    return "\n".join(w for w in wrong if w)


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if not count:
        print(Maker(first).program(), end="")
        return
    report, devices = Report(), []
    for d in sys.argv[3:] or ["sched", "cpu", "mock", "cuda"]:
        why = None if d in ("sched", "emulated") else present(d)
        if why:
            report.skip(f"{d}: {why}", count)
        else:
            devices.append(d)
    report.each([(f"program {seed} on {' '.join(devices)}", lambda s=seed: trial(s, devices)) for seed in range(first, first + count)])
    report.done()


if __name__ == "__main__":
    main()
