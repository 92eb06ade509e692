"""Programs drawn from a seed, for tests that ask only whether two ways of running one agree. Every program is valid: it reads nothing
before it is written, and different blocks write different elements.

anything(seed)   straight and nested code over a few tiles: copies, nests, products, reductions, branches, scalars, gathers
products(seed)   one main loop with one or two products in it, and all that may stand between them"""
import random


class Anything:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.names = self.nout = 0
        self.last = None
        self.params = [("A", "(4, 200, 70)", "float32"), ("B", "(150, 90)", "float32"), ("v", "(200,)", "float32"),
                       ("idx", "(8, 64)", "int32"), ("cnt", "(8,)", "int32")]
        self.N, self.M = self.r.choice([16, 32]), self.r.choice([16, 16, 32])

    def source(self):
        body = [line for k in range(self.r.choice([1, 1, 1, 2])) for line in self.launch(k)]
        params = ", ".join(f'{n}: T.Tensor({shape}, "{t}")' for n, shape, t in self.params)
        return "import tilelang.language as T\n\n\n@T.prim_func\ndef f(" + params + "):\n" + "".join(f"    {line}\n" for line in body)

    def launch(self, k):
        r, M, N = self.r, self.M, self.N
        self.grid = r.choice([1, 2, 3])
        pick = lambda prefix, count, shapes: [(f"{prefix}{k}{i}", r.choice(shapes)) for i in range(count)]
        self.shared = pick("S", r.randint(2, 4), [(M, N), (M, N), (N, N), (N, M)])
        self.frag = pick("F", r.randint(1, 3), [(M, N), (M, N), (N, N)])
        self.vec = pick("f", r.randint(1, 2), [(M,), (N,)])
        self.row = pick("s", r.randint(0, 2), [(M,), (N,)])
        self.shape = dict(self.shared + self.frag + self.vec + self.row)
        self.var = r.random() < 0.3
        out = [f"{n} = T.alloc_shared({d}, \"float32\")" for n, d in self.shared + self.row]
        out += [f"{n} = T.alloc_fragment({d}, \"float32\")" for n, d in self.frag + self.vec]
        out += ["x = T.alloc_var(\"int32\")", "x = 0"] if self.var else []
        self.loops, self.scalars = [], []
        ready = set()
        out += self.block(ready, 0, r.randint(4, 9))
        for t in sorted(ready)[:2]:
            out += self.store(t)
        return [f"with T.Kernel({self.grid}, 2, threads=128) as (bx, by):"] + ["    " + line for line in out]

    # ---- places and values ----

    def offset(self):
        c = ["0", "bx * 16", "by * 8", str(self.r.randint(0, 20)), "bx * 5 + by * 3"]
        c += [s for v in self.loops for s in (f"{v} * 16", f"{v} * 16 + bx", v)]
        c += [self.r.choice(self.scalars)] if self.scalars else []
        return self.r.choice(c + ["x"] * self.var)

    def small(self):
        return self.r.choice(["0", "bx", "by"] + self.loops)

    def element(self, rank):
        """an element of global memory"""
        k = self.r.random()
        if rank == 2:
            if k < 0.5: return f"A[{self.r.randint(0, 3)}, {self.offset()} + i, {self.offset()} + j]"
            if k < 0.7: return f"B[{self.offset()} + j, {self.offset()} + i]"
            if k < 0.85: return f"v[{self.offset()} + {self.r.choice(['i', 'j', 'i + j'])}]"
            return f"B[idx[{self.small()}, i], j]"
        if k < 0.5: return f"v[{self.offset()} + i]"
        return f"A[{self.r.randint(0, 3)}, i + {self.offset()}, {self.offset()}]" if k < 0.8 else f"v[idx[{self.small()}, i]]"

    def operand(self, ready, shape):
        c = []
        for t in sorted(ready):
            s = self.shape[t]
            if s == shape: c.append(f"{t}[{'i, j' if len(s) == 2 else 'i'}]")
            if len(shape) == 2 and s == shape[::-1]: c.append(f"{t}[j, i]")
            if len(shape) == 2 and s == shape[:1]: c.append(f"{t}[i]")
            if len(shape) == 2 and s == shape[1:]: c.append(f"{t}[j]")
            if len(shape) == 1 and len(s) == 2 and s[0] == shape[0]: c.append(f"{t}[i, {self.r.randrange(s[1])}]")
        c += [self.element(len(shape)), f"{self.r.randint(-3, 3)}.0", 'T.cast(i, "float32")']
        c += [f'T.cast({self.r.choice(self.scalars)}, "float32")'] if self.scalars else []
        return self.r.choice(c)

    def value(self, ready, shape, deep=0):
        r = self.r
        if deep > 2 or r.random() < 0.35: return self.operand(ready, shape)
        a, b, k, last = self.value(ready, shape, deep + 1), self.value(ready, shape, deep + 1), r.random(), "ij"[len(shape) - 1]
        if k < 0.7: return r.choice([f"({a} + {b})", f"({a} - {b})", f"T.max({a}, {b})", f"({a} * 0.5)"])
        cond = r.choice([f"i < {r.randint(0, 20)}", f"{last} <= i", f"{a} > 0.0", f"{last} + {self.offset()} < 40"])
        return f"T.if_then_else({cond}, {a}, {b})"

    # ---- statements: lines, and what is ready after them ----

    def store(self, t):
        shape = self.shape[t]
        whole = str(tuple([self.grid, 2] + [4] * len(self.loops)) + shape)
        same = [n for n, s, _ in self.params if n == self.last and s == whole]
        if not (same and self.r.random() < 0.5):
            self.last = f"O{self.nout}"
            self.nout += 1
            self.params.append((self.last, whole, "float32"))
        at, vs, k = ["bx", "by"] + self.loops, ["i", "j"][:len(shape)], self.r.random()
        if k < 0.6: return [f"T.copy({t}, {self.last}[{', '.join(at + [f'0:{d}' for d in shape])}])"]
        head, to, element = f"for {', '.join(vs)} in T.Parallel({', '.join(map(str, shape))}):", ", ".join(at + vs), f"{t}[{', '.join(vs)}]"
        if k < 0.9: return [head, f"    {self.last}[{to}] = {element}{self.r.choice(['', ' * 2.0', ' + 1.0'])}"]
        return [head, f"    if i < {self.r.randint(1, 20)}:", f"        {self.last}[{to}] = {element}"]

    def fetch(self, ready):
        r = self.r
        t, shape = r.choice(self.shared + self.row + self.frag[:1])
        if len(shape) == 1: return [f"T.copy(v[{self.offset()}], {t})"], t
        src = r.choice([f"A[{r.randint(0, 3)}, {self.offset()}, {self.offset()}]", f"B[{self.offset()}, {self.offset()}]"])
        if t in ready and r.random() < 0.2:
            half, at = shape[0] // 2, r.choice([0, shape[0] // 2])
            return [f"T.copy({src}, {t}[{at}:{at + half}, 0:{shape[1]}])"], None
        return [f"T.copy({src}, {t})"], t

    def product(self, ready):
        r = self.r
        flat = [t for t in sorted(ready) if len(self.shape[t]) == 2]
        right = [t for t in flat if t[0] == "S"]
        for _ in range(8 if flat and right else 0):
            a, b, c, ta, tb, clear = r.choice(flat), r.choice(right), r.choice(self.frag)[0], r.random() < .3, r.random() < .3, r.random() < .4
            x, y = self.shape[a][::-1] if ta else self.shape[a], self.shape[b][::-1] if tb else self.shape[b]
            if x[1] == y[0] and self.shape[c] == (x[0], y[1]) and a != c and (clear or c in ready):
                flags = ", transpose_A=True" * ta + ", transpose_B=True" * tb + ", clear_accum=True" * clear
                return [f"T.gemm({a}, {b}, {c}{flags})"], c
        return [], None

    def reduction(self, ready):
        r = self.r
        flat = [t for t in sorted(ready) if len(self.shape[t]) == 2]
        for _ in range(8 if flat else 0):
            a, dim = r.choice(flat), r.randint(0, 1)
            to = [t for t, s in self.vec + self.row if s == (self.shape[a][1 - dim],)]
            if to:
                t = r.choice(to)
                keep = t in ready and r.random() < 0.3
                return [f"T.reduce_{r.choice(['sum', 'max', 'min'])}({a}, {t}, dim={dim}{', clear=False' if keep else ''})"], t
        return [], None

    def nest(self, ready):
        r = self.r
        t = r.choice(sorted(self.shape))
        shape, vs = self.shape[t], ["i", "j"][:len(self.shape[t])]
        value, at = self.value(ready - {t}, shape), f"{t}[{', '.join(vs)}]"
        if t in ready and r.random() < 0.3: value = f"({at} + {value})"
        head = f"for {', '.join(vs)} in T.Parallel({', '.join(map(str, shape))}):"
        if t in ready and r.random() < 0.15: return [head, f"    if i >= {r.randint(0, 9)}:", f"        {at} = {value}"], t
        return [head, f"    {at} = {value}"], t

    def inside(self, head, ready, deep, count):
        kept = list(self.scalars)
        body = self.block(set(ready), deep + 1, count)
        self.scalars = kept
        return [head] + ["    " + line for line in body] if body else []

    def loop(self, ready, deep):
        r = self.r
        self.names += 1
        v = f"k{self.names}"
        trips = ["0", "1", "2", "3", "4", "bx + 1", "by * 2"] + [f"T.max(T.min({q}, 4), 0)" for q in self.scalars] + [f"T.min({u} + 1, 4)" for u in self.loops]
        trip = r.choice(trips)
        head = f"for {v} in T.Pipelined({trip}, num_stages={r.randint(1, 3)}):" if r.random() < 0.6 else f"for {v} in T.serial({trip}):"
        self.loops.append(v)
        out = self.inside(head, ready, deep, r.randint(2, 5))
        self.loops.pop()
        return out, None

    def branch(self, ready, deep):
        r = self.r
        c = ["bx == 0", "by < 1", f"cnt[{self.small()}] > 2"] + [s for v in self.loops for s in (f"{v} > 0", f"{v} % 2 == 0")]
        c += [f"{q} > 1" for q in self.scalars] + ["x > 2"] * self.var
        out = self.inside(f"if {r.choice(c)}:", ready, deep, r.randint(1, 3))
        return out + (self.inside("else:", ready, deep, r.randint(1, 2)) if out and r.random() < 0.3 else []), None

    def scalar(self):
        self.names += 1
        v = f"q{self.names}"
        e = self.r.choice([f"cnt[{self.small()}]", f"idx[{self.small()}, {self.r.randint(0, 9)}] % 5", "bx * 3 + by", f"T.min(cnt[{self.small()}], 3)"])
        self.scalars.append(v)
        return [f"{v} = {e}"], None

    def statement(self, ready, deep):
        r, k = self.r, self.r.random()
        if k < 0.22: return self.fetch(ready)
        if k < 0.30 and ready: return self.store(r.choice(sorted(ready))), None
        if k < 0.36:
            t = r.choice(sorted(self.shape))
            return [f"T.fill({t}, {r.randint(-2, 2)}.0)"], t
        if k < 0.44 and ready:
            a = r.choice(sorted(ready))
            to = [t for t in sorted(self.shape) if self.shape[t] == self.shape[a] and t != a]
            return ([f"T.copy({a}, {t})"], t) if to and (t := r.choice(to)) else ([], None)
        if k < 0.52: return self.product(ready)
        if k < 0.60: return self.reduction(ready)
        if k < 0.82 or deep > 2: return self.nest(ready)
        if k < 0.86: return ([r.choice(["x = x + 1", "x = 3", "x = x * 2 % 7"])] if self.var else []), None
        if k < 0.90: return self.scalar()
        return self.loop(ready, deep) if k < 0.97 else self.branch(ready, deep)

    def block(self, ready, deep, count):
        out = []
        for _ in range(count):
            lines, made = self.statement(ready, deep)
            out += lines
            if made: ready.add(made)
        return out


def anything(seed):
    return Anything(seed).source()


def products(seed):
    r = random.Random(seed * 7 + 1)
    M, N, D = r.choice([16, 32]), r.choice([16, 32]), r.choice([16, 32])
    trip = r.choice(["0", "1", "2", "3", "5", "n[bx]", "T.min(n[by], 5)", "by + 1", "T.max(n[0] - 2, 0)", "n[bx] // 2", "T.ceildiv(n[by] * 7, 16)"])
    pipelined = f"for t in T.Pipelined({trip}, num_stages={r.randint(1, 3)}):"
    head = r.choice([pipelined] * 3 + [f"for t in T.serial({trip}):", f"for t in range({trip} - 1, -1, -1):",
                                       f"for t in T.Pipelined(1, {trip}, num_stages=2):", f"for t in T.serial(0, 4 * ({trip}), 4):"])
    rows = r.choice(["t * 8", "t * 16", "tab[bx, t] * 4"])
    par = {"s": f"for i, j in T.Parallel({M}, {N}):\n    ", "a": f"for i, d in T.Parallel({M}, {D}):\n    ", "v": f"for i in T.Parallel({M}):\n    "}
    extra = [par["a"] + "acc[i, d] = acc[i, d] + 1.0", par["s"] + "P[i, j] = P[i, j] * 0.5 + S[i, j]", "T.copy(m, l)",
             par["v"] + "m[i] = m[i] + 1.0", "T.reduce_sum(acc, l, dim=1)"]
    body = [f"T.copy(K[{rows}, 0], Ks)"]
    if r.random() < 0.4:
        two = r.random() < 0.5
        body += [f"T.copy(V[{rows}, 0], Vs)"] * two
        body += ["T.gemm(Qs, Ks, S, transpose_B=True" + (")" if r.random() < 0.7 else ", clear_accum=True)")]
        body += ["T.gemm(P, Vs, acc)"] * two + [r.choice(extra)] * (r.random() < 0.3)
    else:
        body += ["w = n[by] + t"] * (r.random() < 0.2) + [r.choice(extra)] * (r.random() < 0.15)
        body += ["T.gemm(Qs, Ks, S, transpose_B=True, clear_accum=True)", "T.fill(al, 0.5)"]
        between = [par["s"] + "S[i, j] = T.if_then_else(t * 8 + j <= i + bx * 9, S[i, j] * 0.25, -3.0)", "T.reduce_max(S, m, dim=1, clear=False)",
                   par["v"] + "al[i] = m[i] * 0.125", "T.reduce_sum(S, l, dim=1)", par["a"] + "acc[i, d] = acc[i, d] * 0.5 + al[i]",
                   par["s"] + "P[i, j] = S[i, j] * 0.5", par["a"] + "acc[i, d] = acc[i, d] * al[i]"]
        body += r.sample(between, r.randint(3, len(between)))
        if r.random() < 0.4:
            body += [f"T.copy(vec[t * 4 : t * 4 + {N}], ex)", par["s"] + "S[i, j] = S[i, j] + ex[j]"]
        body += ["T.copy(S, P)"] * (r.random() < 0.8)
        fetch = [f"T.copy(V[{rows}, 0], Vs)"]
        body = body[:1] + fetch + body[1:] if r.random() < 0.2 else body + fetch
        body += [f"T.gemm(P, {'Vs' if r.random() < 0.9 else 'Ks'}, acc)"] + [r.choice(extra)] * (r.random() < 0.2)
        if r.random() < 0.1:
            body = ["if t % 2 == 0:"] + ["    " + s.replace("\n", "\n    ") for s in body]
    loop = [head] + ["    " + s.replace("\n", "\n    ") for s in body]
    if r.random() < 0.15:
        loop = ["if bx > 0:"] + ["    " + s.replace("\n", "\n    ") for s in loop]
    before = [f'Qs = T.alloc_shared(({M}, {D}), "float32")', f'Ks = T.alloc_shared(({N}, {D}), "float32")', f'Vs = T.alloc_shared(({N}, {D}), "float32")',
              f'S = T.alloc_fragment(({M}, {N}), "float32")', f'P = T.alloc_{r.choice(["fragment", "fragment", "shared"])}(({M}, {N}), "float32")',
              f'acc = T.alloc_fragment(({M}, {D}), "float32")', f'm = T.alloc_fragment(({M},), "float32")', f'l = T.alloc_fragment(({M},), "float32")',
              f'al = T.alloc_fragment(({M},), "float32")', f'ex = T.alloc_shared(({N},), "float32")', "T.copy(Q[bx * 16, by * 4], Qs)", "T.clear(acc)",
              "T.fill(m, -9.0)", "T.fill(l, 0.0)", "T.fill(S, 0.0)", "T.fill(P, 0.0)"]
    after = [par["a"] + f"acc[i, d] = acc[i, d] + S[i, d % {N}]"] * (r.random() < 0.3)
    after += [f"T.copy(acc, O[bx, by, 0:{M}, 0:{D}])", "T.copy(l, L[bx, by, :])"]
    params = ['Q: T.Tensor((70, 40), "float32")', 'K: T.Tensor((100, 40), "float32")', 'V: T.Tensor((100, 40), "float32")', 'vec: T.Tensor((100,), "float32")',
              'n: T.Tensor((4,), "int32")', 'tab: T.Tensor((4, 16), "int32")', f'O: T.Tensor((2, 2, {M}, {D}), "float32")', f'L: T.Tensor((2, 2, {M}), "float32")']
    text = "import tilelang.language as T\n\n\n@T.prim_func\ndef f(" + ", ".join(params) + "):\n    with T.Kernel(2, 2, threads=128) as (bx, by):\n"
    return text + "".join("        " + s.replace("\n", "\n        ") + "\n" for s in before + loop + after)
