"""The verifier against the interpreter. A program drawn from a seed has one access to a tile that may leave it or race. The verifier judges
it as it stands; the interpreter runs a twin in which a zero from memory is added to the index, so that nothing can be judged beforehand. What
was proved must run, what was refuted must be reported there.

    verify.py [FIRST COUNT]     seeds FIRST .. FIRST + COUNT        verify.py FIRST     prints the program of one seed"""
import collections, os, random, re, subprocess, sys
from kiln import ALL, TMP, Report, call


class Maker:
    def __init__(self, seed, twin):
        self.r, self.twin, self.names = random.Random(seed), twin, ["bx"]

    def term(self):
        r = self.r
        v = r.choice(self.names)
        return r.choice([v, f"{v} * {r.randint(1, 8)}", f"{v} * {r.choice([8, 16])}", f"{v} // {r.randint(1, 9)}", f"{v} % {r.randint(1, 9)}", str(r.randint(0, 9))])

    def index(self):
        r = self.r
        e = " + ".join(self.term() for _ in range(r.randint(1, 3)))
        k = r.random()
        if k < 0.1: return f"({e}) % {r.randint(8, 70)}"
        if k < 0.2: return f"({e}) // {r.randint(2, 5)}"
        if k < 0.3: return f"T.min({e}, {r.randint(10, 70)})"
        if k < 0.4: return f"({e}) ^ {r.randint(0, 7)}"
        return e if k < 0.8 else f"{e} + 9 - {r.choice(self.names)}"     # never certainly negative: that counts from the end

    def cond(self):
        r = self.r
        return f"{self.index()} {r.choice(['<', '<=', '>', '>=', '==', '!='])} {r.choice([str(r.randint(0, 40)), self.term()])}"

    def source(self):
        r = self.r
        size, par = r.choice([16, 32, 64]), r.choice([(8,), (16,), (32,), (4, 4), (8, 4), (4, 16)])
        vs = ["i", "j"][:len(par)]
        body, deep = [], 2

        def put(text):
            body.append("    " * deep + text)

        put(f's = T.alloc_shared(({size},), "int32")')
        put('t = T.alloc_shared((8,), "int32")')
        put("T.fill(s, 0)")
        if r.random() < 0.6:
            put(r.choice(["for k in T.serial(%d):" % r.randint(1, 6), "for k in T.serial(%d, %d, %d):" % (r.randint(0, 3), r.randint(3, 12), r.randint(1, 3)),
                          "for k in T.serial(bx, 5):", "for k in T.serial(6, bx, -1):"]))
            deep += 1
            self.names.append("k")
        if r.random() < 0.3:
            put(f"x = {self.index()}")
            self.names.append("x")
        if r.random() < 0.3:
            put(f"if {self.cond()}:")
            deep += 1
        zero = " + z[0]" if self.twin else ""
        if r.random() < 0.25:
            off = f"({self.index()}){zero}"
            put(f"T.copy(s[{off}:{off} + 8], t)")
        else:
            put(f"for {', '.join(vs)} in T.Parallel({', '.join(map(str, par))}):")
            deep += 1
            self.names += vs
            if r.random() < 0.4:
                put(f"if {self.cond()}:")
                deep += 1
            flat = "i" if len(par) == 1 else f"i * {par[1]} + j"
            at = f"s[{r.choice([self.index(), self.index(), flat, f'{flat} % {size}', f'({flat}) // 2'])}{zero}]"
            value = r.choice([self.index(), flat, "7", "bx", f"s[{flat}{zero}] + 1"])
            put(r.choice([f"{at} = {value}"] * 4 + [f"O[bx, {', '.join(vs)}] = {at}", f"O[bx, {', '.join(vs)}] = T.if_then_else({self.cond()}, {at}, 0)"]))
        shape = ", ".join(map(str, (3,) + par))
        return ("import tilelang.language as T\n\n\n@T.prim_func\n"
                f'def f(z: T.Tensor((1,), "int32"), O: T.Tensor(({shape}), "int32")):\n    with T.Kernel(3, threads=64) as bx:\n' + "".join(line + "\n" for line in body))


def trial(seed, count):
    said = []
    for twin in (False, True):
        path = os.path.join(TMP, f"verify{seed}{'t' * twin}.py")
        with open(path, "w") as f:
            f.write(Maker(seed, twin).source())
        args = ("run", "--device=interp", "-i", "z=zeros") if twin else ("emit", "--emit=tile", "-Rbounds-unknown", "-Rrace-unknown")
        status, _, err = call(*args, path)
        codes = set(re.findall(r"\[(E\d{4})\]", err))
        if status not in (0, 1) or (status == 1 and not codes & {"E0305", "E0314", "E0611", "E0614"}):
            return f"status {status}: {err[:300]}"
        said.append(codes)
    judged, ran = said
    bounds = "refuted" if "E0305" in judged else "unknown" if "E0311" in judged else "proved"
    races = "refuted" if "E0314" in judged else "unknown" if "E0315" in judged else "proved"
    count["bounds", bounds] += 1
    count["races", races] += 1
    if bounds == "refuted" and not ran & {"E0611", "E0614"}: return "out of bounds is claimed, and it runs"
    if bounds == "proved" and "E0611" in ran: return "proved to be in bounds, and it is not"
    if bounds != "refuted" and races == "refuted" and not ran & {"E0611", "E0614"}: return "a race is claimed, and it runs"
    if bounds != "refuted" and races == "proved" and "E0614" in ran: return "proved to be free of races, and it is not"
    return None


def main():
    words = [int(w) for w in sys.argv[1:]]
    if len(words) == 1:
        print(Maker(words[0], False).source(), end="")
        return
    first, number = words or (0, 3000 if ALL else 400)
    report, count = Report(), collections.Counter()
    report.each([(f"program {seed}", lambda s=seed: trial(s, count)) for seed in range(first, first + number)])
    for (what, answer), n in sorted(count.items()):
        print(f"{what}: {n} {answer}")
    least = number // 25
    report.check("every answer is given", None if all(count[w, a] >= least for w in ("bounds", "races") for a in ("proved", "refuted")) else str(dict(count)))
    if not os.environ.get("ASAN"):      # a host may check programs in a thread of its own
        small = subprocess.run(["sh", "-c", 'ulimit -s 192; exec "$0" check lib:gemm -D M=512 -D N=512 -D K=256', os.environ["KILN"]], capture_output=True, text=True)
        report.check("a small stack is enough", None if small.returncode == 0 else f"status {small.returncode}: {small.stderr[:300]}")
    report.done()


if __name__ == "__main__":
    main()
