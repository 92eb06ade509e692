"""The command line: exit statuses, help, drawn inputs against a generator of our own, array files of every type, comparing, showing."""
import os, re, subprocess
import numpy as np
from kiln import KILN, ROOT, TMP, Report, call, decode, encode, present, rounded, table

report = Report()


def expect(name, args, status, out=None, err=None, text=None):
    """status, and patterns that the outputs must hold ("" must be empty)"""
    s, o, e = call(*args, text=text)
    wrong = [] if s == status else [f"status {s}, not {status}"]
    for what, got, want in (("output", o, out), ("messages", e, err)):
        if want == "" and got:
            wrong.append(f"{what} not empty: {got[:200]}")
        elif want and not re.search(want, got):
            wrong.append(f"{what} without {want!r}: {got[:300]}")
    report.check(name, "; ".join(wrong))
    return o


def write(name, text):
    path = os.path.join(TMP, name)
    open(path, "w").write(text)
    return path


def copy_program(name, dtype, shape="(n,)", sizes=("n",)):
    """y = x, for any element type"""
    decl = "".join(f'{s} = T.dynamic("{s}")\n' for s in sizes)
    return write(name, f"import tilelang.language as T\n\n{decl}\n\n@T.prim_func\ndef same(x: T.Tensor({shape}, \"{dtype}\"), y: T.Tensor({shape}, \"{dtype}\")):\n"
                       "    with T.Kernel(T.ceildiv(n, 32), threads=128) as b:\n        for i in T.Parallel(32):\n            y[b * 32 + i] = x[b * 32 + i]\n")


# ---- statuses, help ----------------------------------------------------------------------------

expect("no command is usage", [], 2, out="", err="usage: kiln")
expect("--help", ["--help"], 0, out="usage: kiln", err="")
expect("--version", ["--version"], 0, out=r"^kiln \d+\.\d+\.\d+$", err="")
for cmd in ("check", "emit", "run", "diff", "show", "ops", "explain", "completion"):
    expect(f"{cmd} --help", [cmd, "--help"], 0, out=f"usage: kiln {cmd}", err="")
expect("help lists the devices", ["run", "--help"], 0, out="interp")
expect("help says what a SPEC means", ["run", "--help"], 0, out=r"topk +each row")
expect("an unknown command", ["chekc"], 2, out="", err="did you mean 'check'")
expect("an unknown option", ["check", "--taget=cpu", "lib/add.py"], 2, err="did you mean '--target'")
expect("an option of another command", ["check", "--repeat=3", "lib/add.py"], 2, err="has no option '--repeat'")
expect("a value that is not in the list", ["emit", "--emit=nonsense", "lib/add.py"], 2, err="ast|tile|sched|text")
expect("a missing value", ["emit", "lib/add.py", "--target"], 2, err="needs a value")
expect("an argument too many", ["check", "a.py", "b.py"], 2, err="too many")
expect("no argument", ["check"], 2, err="needs an argument")
expect("an unknown target", ["check", "lib/add.py", "-D", "M=4", "-D", "N=4", "--target=abacus"], 2, err=r"E0701.*abacus")
expect("a missing file", ["check", "no/such.py"], 2, err=r"error\[E0702\]")
expect("an unknown kernel", ["check", "lib/add.py:subtract", "-D", "M=4", "-D", "N=4"], 1, err=r"error\[E")
expect("an unknown parameter of the factory", ["check", "lib/add.py", "-D", "M=4", "-D", "N=4", "-D", "BANANA=4"], 1, err="BANANA")
expect("a right program says nothing", ["check", "lib/add.py", "-D", "M=70", "-D", "N=90"], 0, out="", err="")
expect("a program of the library by name", ["check", "lib:add", "-D", "M=70", "-D", "N=90"], 0, out="", err="")
expect("a kernel named after a colon", ["check", "lib/add.py:add", "-D", "M=70", "-D", "N=90"], 0, out="", err="")
expect("a program on the standard input", ["emit", "-", "-D", "M=70", "-D", "N=90"], 0, out="def add", text=open(os.path.join(ROOT, "lib/add.py")).read())
expect("a syntax error", ["check", write("bad.py", "def f(:\n    pass\n")], 1, out="", err=r"bad.py:1:\d+: error\[E01\d\d\]")
expect("an empty file", ["check", write("empty.py", "")], 1, out="", err=r"error\[E")
expect("not a text", ["check", KILN], 2, out="", err=r"error\[E0702\]")
expect("explain", ["explain", "E0401"], 0, out="E0401")
expect("explain without E", ["explain", "401"], 0, out="E0401")
expect("explain an unknown code", ["explain", "E4242"], 2, err="no error code")
expect("colour when told", ["check", write("bad2.py", "x = (\n"), "--color=always"], 1, err="\x1b\\[31m")
expect("no colour by itself", ["check", write("bad3.py", "x = (\n")], 1, err=r"^[^\x1b]+$")
for name in ("ops", "tileops", "dtypes", "targets", "devices", "passes", "errors"):
    rows = table(name)
    report.check(f"kiln ops --{name}", None if rows and all(len(r) == len(rows[0]) for r in rows) else f"{len(rows)} rows")
for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["bash", "-n"]), ("fish", None)):
    out = expect(f"completion for {shell}", ["completion", shell], 0, out="check")
    if check:
        r = subprocess.run(check, input=out, capture_output=True, text=True)
        report.check(f"completion for {shell} parses", r.stderr if r.returncode else None)

# ---- emit --------------------------------------------------------------------------------------

ADD = ["-D", "M=70", "-D", "N=90"]
expect("emit without a stage gives the tile program", ["emit", "lib/add.py", *ADD], 0, out="def add", err="")
expect("emit --emit=ast", ["emit", "lib/add.py", "--emit=ast"], 0, out="def add", err="")
expect("emit sched without a target", ["emit", "lib/add.py", "--emit=sched", *ADD], 2, err="needs --target")
for row in table("targets"):
    expect(f"emit for {row['target']}", ["emit", "lib/add.py", "--target", row["target"], *ADD], 0, out="add", err="")
    folder = os.path.join(TMP, "text." + row["target"])
    os.mkdir(folder)
    expect(f"emit into a folder for {row['target']}", ["emit", "lib/add.py", "--target", row["target"], *ADD, "-o", folder], 0, out="", err="")
    report.check(f"files of {row['target']}", None if os.listdir(folder) else "none")
for row in table("passes"):
    expect(f"--stop-after={row['pass']}", ["emit", "lib/gemm.py", "-D", "M=300", "-D", "N=300", "-D", "K=200", "--target=cuda", f"--stop-after={row['pass']}"], 0, out="stage: sched")
expect("--stop-after nothing known", ["emit", "lib/add.py", *ADD, "--target=cpu", "--stop-after=lunch"], 2, err="lunch")
expect("emit where nothing can be written", ["emit", "lib/add.py", *ADD, "-o", "/no/such/folder/x"], 3, err="cannot write")

# ---- drawn inputs: the generator written again --------------------------------------------------


def philox(seed, stream, i):
    """first word of Philox 4x32-10, counter (i lo, i hi, stream, 0), key (seed, 0)"""
    i = np.asarray(i, dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    c = [i & mask, i >> np.uint64(32), np.full_like(i, stream), np.zeros_like(i)]
    k = [seed, 0]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(b >> np.uint64(32)) ^ c[1] ^ np.uint64(k[0]), b & mask, (a >> np.uint64(32)) ^ c[3] ^ np.uint64(k[1]), a & mask]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[0]


def drawn(spec, dtype, n, seed=0, device="interp"):
    path = copy_program(f"same_{dtype}.py", dtype)
    to = os.path.join(TMP, "drawn.npy")
    status, _, err = call("run", path, f"--device={device}", "-D", f"n={n}", "--input", f"x={spec}", "--seed", seed, "--output", f"y={to}")
    return decode(np.load(to), dtype) if status == 0 else err


def spec_check(name, got, rule):
    report.check(name, got if isinstance(got, str) else None if rule(got) else f"{got[:12]}")


report.check("Philox 4x32-10, a known answer", None if int(philox(0, 0, [0])[0]) == 0x6627E8D5 else hex(int(philox(0, 0, [0])[0])))
n = 1001
w = philox(3, 0, np.arange(2 * n))
gauss = np.sqrt(-2 * np.log(((w[:n] >> np.uint64(9)).astype(float) + 0.5) * 2.0 ** -23)) * np.cos(2 * np.pi * w[n:].astype(float) * 2.0 ** -32)
for dtype in ("float32", "bfloat16", "float16"):
    spec_check(f"normal, {dtype}", drawn("normal", dtype, n, 3), lambda x: np.abs(x - rounded(gauss, dtype)).max() <= 2.0 ** -6 and (x == rounded(gauss, dtype)).mean() > 0.99)
grid = ((w[:n] >> np.uint64(24)).astype(float) - 128) / 64
for dtype in ("float32", "bfloat16", "float16", "float64"):
    spec_check(f"grid, {dtype}", drawn("grid", dtype, n, 3), lambda x: np.array_equal(x, grid))
spec_check("grid, float8", drawn("grid", "float8_e4m3fn", n), lambda x: set(x) == set(range(-8, 9)))
spec_check("grid, int32", drawn("grid", "int32", n), lambda x: set(x) == set(range(-8, 9)))
spec_check("grid, uint8", drawn("grid", "uint8", n), lambda x: set(x) == set(range(16)))
spec_check("zeros", drawn("zeros", "float32", n), lambda x: not x.any())
spec_check("perm", drawn("perm", "int32", n), lambda x: sorted(x) == list(range(n)) and (x != np.arange(n)).any())
spec_check("another seed, another permutation", drawn("perm", "int32", n, 5), lambda x: not np.array_equal(x, drawn("perm", "int32", n)))
spec_check("ragged(70)", drawn("ragged(70)", "int32", n), lambda x: x.min() == 0 and x.max() == 70 and len(set(x)) > 60)
spec_check("ragged, the limit by itself", drawn("ragged", "int32", n), lambda x: x.min() == 0 and x.max() == n)
spec_check("range of integers", drawn("range(-3,4)", "int32", n), lambda x: set(x) == set(range(-3, 4)))
spec_check("range of reals", drawn("range(-0.5,2)", "float32", n), lambda x: -0.5 <= x.min() < -0.4 and 1.9 < x.max() <= 2)
spec_check("topk(20)", drawn("topk(20)", "int32", 15), lambda x: len(set(x[x >= 0])) == (x >= 0).sum() and x.max() < 20 and (x[(x >= 0).sum():] == -1).all())
for spec in ("norml", "range", "range(1)", "range(4,4)", "ragged(x)", "topk(1,2)", "normal(1)"):
    path = copy_program("same_int32.py", "int32")
    expect(f"--input x={spec} is refused", ["run", path, "-D", "n=5", "--input", f"x={spec}"], 2, out="")

# ---- array files -------------------------------------------------------------------------------


def through(dtype, array, text=False):
    """what comes out of y = x"""
    source, to = os.path.join(TMP, "in.npy"), os.path.join(TMP, "out.npy")
    np.save(source, array)
    status, out, err = call("run", copy_program(f"same_{dtype}.py", dtype), "--device=interp", "--input", f"x={source}", "--output", f"y={to}")
    return (err if status else np.load(to)) if not text else (status, err)


rng = np.random.default_rng(5)
for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
    info = np.iinfo(dtype)
    a = np.concatenate([np.array([info.min, info.max], dtype), rng.integers(info.min, info.max, 61, dtype=dtype)])
    got = through(dtype, a)
    report.check(f"array file of {dtype}", None if not isinstance(got, str) and got.dtype == a.dtype and np.array_equal(got, a) else str(got)[:200])
for dtype in ("float16", "float32", "float64"):
    a = np.concatenate([[np.inf, -np.inf, 0.0, -0.0, 1e-7], rng.standard_normal(60)]).astype(dtype)
    got = through(dtype, a)
    report.check(f"array file of {dtype}", None if not isinstance(got, str) and got.dtype == a.dtype and got.tobytes() == a.tobytes() else str(got)[:200])
a = rng.integers(0, 2, 77).astype(bool)
got = through("bool", a)
report.check("array file of bool", None if not isinstance(got, str) and got.dtype == bool and np.array_equal(got, a) else str(got)[:200])
for dtype, bits in (("bfloat16", np.uint16), ("float8_e4m3fn", np.uint8), ("float8_e5m2", np.uint8)):
    top = np.arange(2 ** (8 * bits().itemsize), dtype=np.int64).astype(bits)
    top = top[np.isfinite(decode(top, dtype))]
    got = through(dtype, top)
    report.check(f"every finite pattern of {dtype}", None if not isinstance(got, str) and np.array_equal(got, top) else str(got)[:200])
    x = np.concatenate([rng.standard_normal(3000) * 10.0 ** rng.integers(-6, 4, 3000)]).astype(np.float32)
    got = through(dtype, x)
    report.check(f"float32 rounded to {dtype}", None if not isinstance(got, str) and np.array_equal(got, encode(x, dtype)) else str(got)[:200])
for dtype, a in (("int4", np.arange(-8, 7, dtype="int8")), ("uint4", np.arange(15, dtype="uint8")), ("uint2", np.array([3, 0, 1, 2, 3], "uint8")), ("uint1", np.array([1, 0, 1], "uint8")), ("float4_e2m1fn", np.arange(15, dtype="uint8"))):
    got = through(dtype, a)
    report.check(f"array file of {dtype}, a byte each", None if not isinstance(got, str) and got.dtype == a.dtype and np.array_equal(got, a) else str(got)[:200])
    report.check(f"{dtype}: more than it holds", None if through(dtype, a + 16, text=True)[0] == 2 else "taken")
report.check("float32 rounded to float4", None if np.array_equal(through("float4_e2m1fn", np.array([0.5, -6, 2.4], "float32")), [1, 15, 4]) else "differs")
for dtype in ("int16", "int32", "float32", "float64"):
    a = np.array([1, -2, 300], ">" + np.dtype(dtype).str[1:])
    got = through(dtype, a)
    report.check(f"big-endian {dtype}", None if not isinstance(got, str) and np.array_equal(got, a) else str(got)[:200])
got = through("float32", np.asfortranarray(rng.standard_normal((1, 9)).astype("float32"))[0])
report.check("float64 rounded to float32", None if np.array_equal(through("float32", np.array([1 / 3, 2 / 3])), np.array([1 / 3, 2 / 3], "float32")) else "differs")
report.check("int64 as int32 when it fits", None if np.array_equal(through("int32", np.array([5, -7])), np.array([5, -7], "int32")) else "differs")
for what, dtype, array in (("int64 that does not fit", "int32", np.array([2 ** 40])), ("negative for unsigned", "uint8", np.array([-1])), ("floats for integers", "int32", np.array([1.5])),
                           ("complex numbers", "float32", np.array([1j])), ("strings", "float32", np.array(["a"])), ("two dimensions for one", "int32", np.zeros((2, 3), "int32"))):
    status, err = through(dtype, array, text=True)
    report.check(f"{what}: refused", None if status == 2 and re.search(r"error\[E07", err) else f"{status} {err[:200]}")
for what, blob in (("an empty file", b""), ("a wrong magic word", b"NOTNUMPY" * 4), ("a truncated file", b"\x93NUMPY\x01\x00v\x00{'descr': '<i4', 'fortran_order': False, 'shape': (99,), }"),
                   ("a lying header", b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,), }".ljust(118))):
    path = os.path.join(TMP, "broken.npy")
    open(path, "wb").write(blob)
    expect(f"{what}: refused", ["run", copy_program("same_int32.py", "int32"), "--input", f"x={path}"], 2, out="", err="broken.npy")
two = write("two.py", 'import tilelang.language as T\n\nm = T.dynamic("m")\nn = T.dynamic("n")\n\n\n@T.prim_func\ndef flip(x: T.Tensor((m, n), "float32"), y: T.Tensor((m, n), "float32")):\n'
            "    with T.Kernel(m, threads=128) as b:\n        for j in T.Parallel(32):\n            y[b, j] = x[b, j]\n")
a = rng.standard_normal((5, 32)).astype("float32")
np.save(os.path.join(TMP, "f.npy"), np.asfortranarray(a))
call("run", two, "--device=interp", "--input", f"x={TMP}/f.npy", "--output", f"y={TMP}/y.npy")
report.check("a file in column order", None if np.array_equal(np.load(f"{TMP}/y.npy"), a) else "differs")
expect("a size nobody gives", ["run", two, "-D", "m=4"], 2, err="size 'n' is not known")
expect("sizes that contradict each other", ["run", two, "--input", f"x={TMP}/f.npy", "-D", "m=4"], 2, err="size 'm'")
expect("an input nobody takes", ["run", two, "-D", "m=4", "-D", "n=4", "--input", "z=zeros"], 2, err="no parameter 'z'")
expect("an output nobody has", ["run", two, "-D", "m=4", "-D", "n=4", "--output", f"z={TMP}/z.npy"], 2, err="no parameter 'z'")

# ---- run, diff, show ---------------------------------------------------------------------------

expect("the summary of a run", ["run", "lib/add.py", *ADD, "--device=interp"], 0, out=r"C  float32 \(70, 90\)  min .* max .* mean .*\n    \[.*\]\ninterp  [\d.e-]+ s\n", err="")
gemm = ["-D", "M=64", "-D", "N=64", "-D", "K=64", "-D", "BM=32", "-D", "BN=32", "-D", "BK=32"]
expect("GFLOP/s", ["run", "lib/gemm.py", *gemm, "--repeat=3", "--device=cpu"], 0, out=r"cpu  [\d.e-]+ s  [\d.e+-]+ GFLOP/s")
expect("an unknown device", ["run", "lib/add.py", *ADD, "--device=abacus"], 2, err="abacus")
expect("machines that agree", ["diff", "lib/gemm.py", *gemm, "--device=interp,cpu"], 0, out=r"C +cpu +ok")
expect("machines that differ", ["diff", "lib/gemm.py", *gemm, "-D", "dtype=float32", "-D", "act=silu", "--device=interp,cpu", "--atol=0", "--rtol=0"], 5,
       out=r"DIFFERS .* first C\[\d+, \d+\]")
expect("diff of one machine", ["diff", "lib/add.py", *ADD, "--device=cpu"], 2, err="two devices")
page = expect("show", ["show", "lib/gemm.py", "-D", "M=512", "-D", "N=512", "-D", "K=512", "--width=160"], 0, out="reader", err="")
for row in table("targets"):
    report.check(f"show has {row['target']}", None if row["target"] in page else "missing")
lines = page.rstrip("\n").split("\n")
report.check("show fits its width", None if all(len(l) == 160 for l in lines if l and l[0] in "│├╭╰") else str({len(l) for l in lines}))
report.check("show has no colours in a file", None if "\x1b" not in page else "it has")
expect("show one role of one launch", ["show", "lib/decode.py", "-D", "H=8", "-D", "Hkv=2", "-D", "D=64", "--role=writer", "--launch=1"], 0, out="writer")
expect("show a launch that is not there", ["show", "lib/add.py", *ADD, "--launch=7"], 2, err="no launch 7")
for device in ("cuda", "mock"):
    if present(device):
        expect(f"{device} that is not here", ["run", "lib/add.py", *ADD, f"--device={device}"], 3, out="", err=r"device\[E06\d\d\]")

report.done()
