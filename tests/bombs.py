"""Small texts that ask for more than any machine has: each is refused with a code (or is right after all), within 2 s of processor time and 256 MB of
address space, which the system enforces. And whatever is refused for its size is refused on the way in, not by the system."""
import os, resource, subprocess, sys, tempfile
from kiln import KILN, ROOT, TMP, Report, saw

SECONDS, BYTES = 2, 256 << 20
ASAN = os.environ.get("ASAN")
HEAD = "import tilelang\nimport tilelang.language as T\n"


def kernel(body, params="A: T.Tensor((64, 64), 'float32')", head="", grid="1", pre=""):
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return f"{HEAD}{head}\n@T.prim_func\ndef k({params}):\n{pre}    with T.Kernel({grid}, threads=128) as bx:\n{lines}"


STORE = "A[0, 0] = 1.0"
N = 10 ** 5
LIMITS = {"E0106": ["E0109"], "E0206": ["E0214", "E0215", "E0216", "E0217"]}       # what stands for its whole kind below

# name, text, the codes that are right ("ok": accepted)
TEXT = [
    ("brackets 100 000 deep", "x = " + "(" * N + ")" * N, "E0106"),
    ("brackets never closed", "x = " + "[" * N, "E0106 E0103"),
    ("closing brackets alone", ")" * N, "E0103"),
    ("operators one after another", "x = " + "-" * N + "1", "E0106"),
    ("not not not", "x = " + "not " * N + "1", "E0106"),
    ("a sum of 100 000", "x = " + "1 + " * N + "1", "E0106 E0210"),
    ("a power of powers", "x = " + "2 ** " * N + "2", "E0106"),
    ("a chain of comparisons", "x = " + "1 < " * N + "1", "E0106 E0210"),
    ("a chain of attributes", "x = a" + ".a" * N, "E0106"),
    ("a chain of calls", "x = a" + "()" * N, "E0106"),
    ("a chain of subscripts", "x = a" + "[0]" * N, "E0106"),
    ("lambdas in lambdas", "x = " + "lambda: " * N + "1", "E0106"),
    ("conditionals in conditionals", "x = " + "1 if 1 else " * N + "1", "E0106"),
    ("f-strings in f-strings", "x = " + "f'{" * 3000 + "1" + "}'" * 3000, "E0106 E0101 E0103 E0104"),
    ("blocks 10 000 deep", "".join(" " * i + "if x:\n" for i in range(3000)) + " " * 3000 + "pass\n", "E0106 E0102"),
    ("an else-if of 100 000", "if x: pass\n" + "elif x: pass\n" * N + "else: pass\n", "E0106 E0210"),
    ("100 000 statements", "x = 1\n" * N, "E0210 E0106"),
    ("100 000 errors", "x = = 1\n" * N, "E0101"),
    ("a name of 3 MB", "x" * 3000000 + " = 1\n", "E0210 E0106"),
    ("a number of 1 MB", "x = " + "9" * 1000000 + "\n", "E0210 E0104 E0106"),
    ("an exponent of 1 MB", "x = 1e" + "9" * 1000000 + "\n", "E0210 E0104 E0106"),
    ("a string of 3 MB", "x = '" + "x" * 3000000 + "'\n", "E0210 E0106"),
    ("a string never closed", "x = '''" + "x\n" * 1000000, "E0103 E0106"),
    ("a text of 20 MB", "# comment\n" * 2000000, "E0106 E0210 E0903"),
    ("nulls", "\0" * 1000, "E0702 E0105"),
    ("bytes that are no text", "\xff\xfe" * 1000, "E0105"),
    ("decorators", "@f\n" * N + "def g(): pass\n", "E0106 E0210"),
    ("100 000 parameters", "def f(" + ", ".join(f"a{i}" for i in range(20000)) + "): pass\n", "E0106 E0210"),
    ("patterns in patterns", "match x:\n  case " + "[" * N + "]" * N + ": pass\n", "E0106"),
    ("targets in targets", "(" * N + "x" + ",)" * N + " = 1\n", "E0106"),
    ("a dictionary in dictionaries", "x = " + "{1: " * N + "1" + "}" * N, "E0106"),
]

# what runs while compiling
EVAL = [
    ("two to the two to the two", "x = 2 ** 2 ** 2 ** 2 ** 2 ** 2", "E0206 E0205 E0901 E0903 E0204"),
    ("ten to the 10 ** 9", "x = 10 ** (10 ** 9)", "E0206 E0205 E0901 E0903 E0204"),
    ("a shift by 10 ** 12", "x = 1 << 10 ** 12", "E0206 E0205 E0901 E0903 E0204"),
    ("factorials", "import math\nx = math.factorial(10 ** 6)", "E0206 E0205 E0901 E0903 E0201 E0202"),
    ("a string of 10 ** 12", "x = 'a' * 10 ** 12", "E0206 E0903"),
    ("a list of 10 ** 12", "x = [0] * 10 ** 12", "E0206 E0903"),
    ("a tuple doubled 60 times", "x = (0,)\nfor i in range(60):\n    x = x + x", "E0206 E0903"),
    ("a string doubled 60 times", "x = 'a'\nfor i in range(60):\n    x = x + x", "E0206 E0903"),
    ("a string formatted into itself", "x = 'a'\nfor i in range(60):\n    x = f'{x}{x}'", "E0206 E0903"),
    ("a width of 10 ** 12", "x = f'{1:1000000000000}'", "E0206 E0903 E0205 E0204 E0901"),
    ("a precision of 10 ** 9", "x = f'{1.5:.1000000000f}'", "E0206 E0903 E0205 E0204 E0901"),
    ("ljust", "x = 'a'.ljust(10 ** 12)", "E0206 E0903 E0204 E0901 E0201"),
    ("replace that grows", "x = 'a' * 1000\nfor i in range(20):\n    x = x.replace('a', 'aa' * 1000)", "E0206 E0903 E0201"),
    ("join that grows", "x = 'a'\nfor i in range(60):\n    x = x.join([x] * 100)", "E0206 E0903"),
    ("a list of itself", "x = []\nx.append(x)\ny = str(x)", "E0206 E0903 E0205 ok E0201"),
    ("a list of itself compared", "x = []\nx.append(x)\ny = []\ny.append(y)\nz = x == y", "E0206 E0903 E0205 ok"),
    ("a dictionary of itself", "x = {}\nx['a'] = x\ny = f'{x}'", "E0206 E0903 E0205 ok E0213"),
    ("lists in lists, 10 000 deep", "x = []\nfor i in range(10000):\n    x = [x]\ny = str(x)", "E0206 E0903 ok"),
    ("lists in lists compared", "x = []\ny = []\nfor i in range(10000):\n    x = [x]\n    y = [y]\nz = x == y", "E0206 E0903 ok"),
    ("tuples that share, hashed", "x = ()\nfor i in range(60):\n    x = (x, x)\ny = {x: 1}", "E0206 E0903 ok"),
    ("tuples that share, compared", "x = ()\ny = ()\nfor i in range(60):\n    x = (x, x)\n    y = (y, y)\nz = x == y", "E0206 E0903 ok"),
    ("tuples that share, printed", "x = ()\nfor i in range(60):\n    x = (x, x)\ny = str(x)", "E0206 E0903"),
    ("a loop without end", "while True:\n    pass", "E0206"),
    ("a loop of 10 ** 15", "for i in range(10 ** 15):\n    pass", "E0206"),
    ("loops in loops", "for i in range(10 ** 5):\n    for j in range(10 ** 5):\n        x = i", "E0206"),
    ("a range made a list", "x = list(range(10 ** 12))", "E0206 E0903"),
    ("a range summed", "x = sum(range(10 ** 12))", "E0206 E0903 E0205"),
    ("in a range", "x = 'a' in range(10 ** 18)", "E0206 E0903 E0204 ok"),
    ("a comprehension of 10 ** 12", "x = [i for i in range(10 ** 6) for j in range(10 ** 6)]", "E0206 E0903"),
    ("a product of ranges", "import itertools\nx = list(itertools.product(range(1000), repeat=10))", "E0206 E0903 E0203 E0204"),
    ("permutations", "import itertools\nx = list(itertools.permutations(range(100)))", "E0206 E0903 E0202 E0201"),
    ("count without end", "import itertools\nx = list(itertools.count())", "E0206 E0903 E0202 E0201"),
    ("a cycle", "import itertools\nx = list(itertools.cycle([1]))", "E0206 E0903 E0202 E0201"),
    ("recursion", "def f(n):\n    return f(n + 1)\nx = f(0)", "E0206"),
    ("recursion of two", "def f(n):\n    return g(n + 1)\ndef g(n):\n    return f(n)\nx = f(0)", "E0206"),
    ("fibonacci of 90", "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nx = f(90)", "E0206"),
    ("ackermann", "def f(m, n):\n    return n + 1 if m == 0 else f(m - 1, 1) if n == 0 else f(m - 1, f(m, n - 1))\nx = f(4, 4)", "E0206"),
    ("a lambda that calls itself", "f = lambda g: g(g)\nx = f(f)", "E0206"),
    ("a class that makes itself", "class C:\n    def __init__(self):\n        self.c = C()\nx = C()", "E0206"),
    ("a property of itself", "class C:\n    @property\n    def p(self):\n        return self.p\nx = C().p", "E0206"),
    ("operators of itself", "class C:\n    def __add__(self, o):\n        return self + o\nx = C() + C()", "E0206 E0204"),
    ("a comparison of itself", "class C:\n    def __eq__(self, o):\n        return self == o\nx = C() == C()", "E0206 ok E0204"),
    ("a getattr of itself", "class C:\n    def __getattr__(self, n):\n        return getattr(self, n + 'x')\nx = C().y", "E0206 E0201 E0204 E0205 E0213 E0202"),
    ("base classes of 3 000", "class C0: pass\n" + "".join(f"class C{i + 1}(C{i}): pass\n" for i in range(3000)) + "x = C3000().y", "E0206 E0201 E0204 E0205 E0213 E0106"),
    ("sorted by a key without end", "def key(x):\n    while True:\n        pass\nx = sorted([2, 1], key=key)", "E0206"),
    ("a large sort", "x = sorted([(i * 7919) % 1000003 for i in range(200000)])", "E0206 E0903 ok"),
    ("1 000 000 appends", "x = []\nfor i in range(1000000):\n    x.append(i)", "E0206 E0903 ok"),
    ("insertions at the front", "x = []\nfor i in range(300000):\n    x.insert(0, i)", "E0206 E0903 ok"),
    ("pops at the front", "x = [0] * 300000\nfor i in range(300000):\n    x.pop(0)", "E0206 E0903 ok"),
    ("a dictionary of 300 000", "x = {}\nfor i in range(300000):\n    x[i] = i", "E0206 E0903 ok"),
    ("a set of 300 000", "x = {i for i in range(300000)}", "E0206 E0903 ok"),
    ("an index of 300 000 in a list", "x = [i for i in range(200000)]\nfor i in range(200000):\n    y = x.index(i)", "E0206 E0903 ok"),
    ("strings split", "x = ('a ' * 1000000).split()", "E0206 E0903 ok"),
    ("a dataclass in itself", "from dataclasses import dataclass\n@dataclass\nclass C:\n    c: object = None\nx = C()\nfor i in range(100000):\n    x = C(x)\ny = x == x\nz = str(x)", "E0206 E0903 ok E0204"),
    ("imports of itself", "from . import bomb", "E0211 E0206 E0210 ok E0201"),
    ("slices with huge bounds", "x = [1, 2, 3][-10 ** 30:10 ** 30:10 ** 20]", "ok E0204 E0205 E0213"),
    ("a step of the least number", "x = list(range(10, 0, -2 ** 63))", "ok E0205 E0206"),
    ("divisions of the least number", "x = (-2 ** 127) // -1", "ok E0205 E0206 E0204"),
    ("divisions of the least number in 64 bits", "x = (-2 ** 63) // -1\ny = (-2 ** 63) % -1", "ok"),
    ("format of anything", "x = '{:>{}}'.format(1, 10 ** 10)", "E0206 E0903 E0205 E0204 E0901 E0201"),
    ("percent formats", "x = '%1000000000d' % 1", "E0206 E0903 E0205 E0204 E0901 E0201"),
]

# what stands in a kernel
KERNEL = [
    ("a shape of 2 ** 63", "s = T.alloc_shared((2 ** 63,), 'float32')\n" + STORE, "E0301 E0309 E0206 E0213 E0204 E0903 E0302 E0205"),
    ("a shape of 2 ** 62 squared", "s = T.alloc_shared((2 ** 62, 2 ** 62), 'float32')\n" + STORE, "E0301 E0309 E0206 E0213 E0204 E0903 E0302 E0205 E0304"),
    ("a shape of 2 ** 31 - 1, eight times", "s = T.alloc_fragment((2 ** 31 - 1,) * 8, 'float32')\n" + STORE, "E0301 E0309 E0206 E0903 E0205 E0304"),
    ("a shape of -1", "s = T.alloc_shared((-1,), 'float32')\n" + STORE, "E0301 E0207 E0204 E0205 E0903 E0213"),
    ("a shape of 0", "s = T.alloc_shared((0,), 'float32')\n" + STORE, "E0301 E0207 E0204 E0205 E0903 E0213 ok"),
    ("forty dimensions", "s = T.alloc_shared((1,) * 40, 'float32')\n" + STORE, "E0301 E0903 E0204 E0205 E0213 E0203"),
    ("an unrolled loop of 10 ** 9", "for i in T.unroll(10 ** 9):\n    A[0, 0] = 1.0", "ok E0903 E0206"),
    ("a loop written out 10 ** 9 times", "for i in range(10 ** 9):\n    A[0, 0] = i", "ok E0903 E0206"),
    ("a list of 10 ** 9 in a kernel", "for i in [0] * 10 ** 9:\n    A[0, 0] = i", "E0903 E0206"),
    ("loops written out in loops", "for i in tuple(range(1000)):\n    for j in tuple(range(1000)):\n        for k in tuple(range(1000)):\n            A[0, 0] = 1.0", "E0903 E0206"),
    ("an expression doubled 100 times", "x = A[0, 0]\nfor i in tuple(range(100)):\n    x = x + x\nA[0, 0] = x", "ok E0903 E0206 E0106"),
    ("an index doubled 100 times", "x = bx\nfor i in tuple(range(100)):\n    x = x + x\nA[x, 0] = 1.0", "ok E0903 E0206 E0106 E0205 E0305 E0302"),
    ("an index multiplied 100 times", "x = bx + 1\nfor i in tuple(range(100)):\n    x = x * x\nA[x, 0] = 1.0", "ok E0903 E0206 E0106 E0205 E0305 E0302"),
    ("one expression that doubles", "x = A[0, 0]\nx1 = (x + 1) * (x + 2)\n" + "".join(f"x{i + 1} = (x{i} + 1) * (x{i} + 2)\n" for i in range(1, 60)) + "A[0, 0] = x60", "ok E0903 E0206"),
    ("a macro that calls itself", "m(A)", "E0206"),
    ("a macro that doubles", "m40(A)", "E0206 E0903 E0201"),
    ("nests of 150 loops", "".join("    " * i + "for i%d in T.serial(4):\n" % i for i in range(150)) + "    " * 150 + STORE, "E0106 E0903 E0206 E0102"),
    ("nests of 60 loops", "".join("    " * i + "for i%d in T.serial(4):\n" % i for i in range(60)) + "    " * 60 + STORE, "ok E0106 E0903 E0206"),
    ("a parallel nest of 2 ** 40", "for i, j in T.Parallel(2 ** 20, 2 ** 20):\n    A[i % 64, j % 64] = 1.0", "ok E0301 E0903 E0614 E0310"),
    ("a parallel nest of thirty", "for " + ", ".join(f"i{k}" for k in range(30)) + " in T.Parallel(" + ", ".join(["2"] * 30) + "):\n    A[i0, i1] = 1.0", "ok E0301 E0903 E0203 E0614"),
    ("1 000 stages", "s = T.alloc_shared((64,), 'float32')\nfor i in T.Pipelined(8, num_stages=10 ** 9):\n    T.copy(A[i, 0:64], s)\n    T.copy(s, A[i, 0:64])", "E0301 E0309 E0903 E0205 E0203 ok"),
    ("10 000 statements", "A[0, 0] = 1.0\n" * 10000, "ok E0903"),
    ("3 000 branches", "".join(f"if bx < {k}:\n    A[0, 0] = {k}.0\n" for k in range(3000)), "ok E0903"),
    ("a chain of 1 000 else-ifs", "if bx == 0:\n    A[0, 0] = 1.0\n" + "".join(f"elif bx == {k}:\n    A[0, 0] = {k}.0\n" for k in range(1, 700)), "ok E0903 E0106"),
    ("1 000 buffers", "".join(f"s{k} = T.alloc_fragment((16,), 'float32')\nT.clear(s{k})\n" for k in range(1000)), "ok E0903 E0309"),
    ("2 000 lets", "x0 = bx\n" + "".join(f"x{k + 1} = x{k} + {k}\n" for k in range(2000)) + "A[x2000 % 64, 0] = 1.0", "ok E0903 E0206"),
    ("copies of whole tensors", "T.copy(A, A)", "ok E0301 E0614 E0310 E0304"),
    ("indices at the end of 64 bits", "A[bx * (2 ** 62) + 2 ** 62, 0] = 1.0", "ok E0305 E0302 E0301 E0205 E0204 E0903 E0206"),
    ("a shift by 100", "A[bx << 100, 0] = 1.0", "ok E0305 E0302 E0301 E0205 E0204"),
    ("divisions by zero", "A[bx // 0, 0] = 1.0", "ok E0305 E0302 E0301 E0205 E0204 E0613"),
    ("pipes of 10 ** 9", "p = T.pipe((64,), 'float32', depth=10 ** 9)", "E0209 E0301 E0303 E0308 E0903 E0309 E0205"),
    ("reductions over an axis that is not there", "f = T.alloc_fragment((4, 4), 'float32')\nr = T.alloc_fragment((4,), 'float32')\nT.reduce_sum(f, r, dim=2 ** 40)", "E0301 E0304 E0205 E0213"),
]
MACROS = {
    "a macro that calls itself": "@T.macro\ndef m(A):\n    m(A)\n",
    "a macro that doubles": "@T.macro\ndef m0(A):\n    A[0, 0] = 1.0\n" + "".join(f"@T.macro\ndef m{i + 1}(A):\n    m{i}(A)\n    m{i}(A)\n" for i in range(40)),
}
GRIDS = [
    ("billions of blocks", "2 ** 31 - 1, 65535, 65535", "ok E0301 E0903 E0305"),
    ("2 ** 63 blocks", "2 ** 63", "E0301 E0204 E0205 E0903 E0302 E0206"),
    ("2 ** 100 blocks", "2 ** 100", "E0301 E0204 E0205 E0903 E0302 E0206"),
    ("a grid of 40 axes", ", ".join(["1"] * 40), "E0301 E0203 E0903 E0205"),
    ("-5 blocks", "-5", "ok E0301 E0205 E0204 E0903"),
]
SHAPES = [
    ("a tensor of 2 ** 62 squared", "A: T.Tensor((2 ** 62, 2 ** 62), 'float32')", "ok E0301 E0903 E0205"),
    ("a tensor of 2 ** 64", "A: T.Tensor((2 ** 64, 1), 'float32')", "E0301 E0903 E0205 E0204 E0302 E0206"),
    ("a tensor of 40 axes", "A: T.Tensor((1,) * 40, 'float32')", "E0301 E0903 E0205 E0204 E0213 E0203"),
    ("1 000 parameters", ", ".join(f"A{k}: T.Tensor((64, 64), 'float32')" for k in range(1000)) + ", A: T.Tensor((64, 64), 'float32')", "ok E0903 E0106"),
]


def function(text):
    """imports as they are, the rest as the body of bomb()"""
    lines = text.splitlines()
    imports = [line for line in lines if line.startswith(("import", "from"))]
    return "\n".join(imports + ["def bomb():"] + ["    " + line for line in lines if line not in imports] + ["    return 1.0", ""])


def cases():
    for name, text, codes in TEXT:
        yield name, text, codes
    for name, text, codes in EVAL:
        yield name, kernel("A[0, 0] = bomb()", head=function(text)), codes
    for name, body, codes in KERNEL:
        yield name, kernel(body, head=MACROS.get(name, "")), codes
    for name, grid, codes in GRIDS:
        yield name, kernel(STORE, grid=grid).replace("as bx:", "as _:" if "," not in grid else "as bs:"), codes
    for name, params, codes in SHAPES:
        yield name, kernel(STORE, params=params), codes


def limit():
    if not ASAN:
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * (10 if ASAN else 1), SECONDS * (10 if ASAN else 1) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def explode(name, text, codes, command=("check",)):
    """None, or what is wrong"""
    folder = tempfile.mkdtemp(dir=TMP)
    path = os.path.join(folder, "bomb.py")
    with open(path, "wb") as f:
        f.write(text.encode("latin-1"))
    try:
        r = subprocess.run([KILN, *command, path], capture_output=True, text=True, errors="replace", preexec_fn=limit, timeout=60)
    except subprocess.TimeoutExpired:
        return "no answer after 60 s"
    saw(r.stderr)
    said = [line for line in r.stderr.splitlines() if "error[E" in line or "unsupported[E" in line or "todo[E" in line]
    code = said[0].split("[")[1][:5] if said else ""
    if r.returncode == 0:
        return None if "ok" in codes.split() else "accepted"
    if r.returncode not in (1, 2):
        return f"status {r.returncode}: {r.stderr[:300]}"
    right = [c for word in codes.split() for c in [word, *LIMITS.get(word, [])]]
    return None if code in right else f"{said[0][:300] if said else 'no code: ' + r.stderr[:200]}"


def main():
    report = Report()
    report.each([(name, lambda a=(name, text, codes): explode(*a)) for name, text, codes in cases()])
    report.done()


if __name__ == "__main__":
    main()
