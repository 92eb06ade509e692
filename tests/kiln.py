"""What the tests share: calling the command, number formats, counting. numpy alone; nothing here is taken from Kiln but its command."""
import atexit, concurrent.futures, os, re, shutil, subprocess, sys, tempfile, time
import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KILN = os.path.abspath(os.environ.get("KILN", os.path.join(ROOT, "build", "kiln")))
ALL = bool(os.environ.get("ALL"))
TMP = tempfile.mkdtemp(prefix="kiln-test-")
atexit.register(shutil.rmtree, TMP, ignore_errors=True)


# ---- the command -------------------------------------------------------------------------------

SEEN = set()


def saw(said):
    """notes the codes of messages; tests/codes.py asks whether every code was produced"""
    new = set(re.findall(r"\b(?:error|unsupported|todo|device|bug|warning|remark)\[(E\d{4})\]", said)) - SEEN
    folder = os.path.join(os.path.dirname(KILN), "test")
    if new and os.path.isdir(folder):
        SEEN.update(new)
        with open(os.path.join(folder, "codes"), "a") as f:
            f.write("".join(code + "\n" for code in sorted(new)))


def call(*args, timeout=120, text=None):
    """(status, standard output, standard error); a run past its time has status 124"""
    try:
        r = subprocess.run([KILN, *map(str, args)], capture_output=True, timeout=timeout, input=text, text=True, cwd=ROOT, errors="replace")
        saw(r.stderr)
        return r.returncode, r.stdout, r.stderr
    except subprocess.TimeoutExpired:
        return 124, "", f"no answer after {timeout} s"


PLAIN = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "CC", "CXX", "KILN_NVRTC", "XDG_CACHE_HOME")}


def shell(args, env=()):
    """the same in an environment of which nothing counts but `env`"""
    r = subprocess.run([KILN, *args], capture_output=True, timeout=120, env={**PLAIN, **dict(env)}, cwd=ROOT, text=True, errors="replace")
    saw(r.stderr)
    return r.returncode, r.stdout, r.stderr


def table(name):
    """a table of `kiln ops` as a list of dictionaries"""
    option = [] if name == "ops" else ["--" + name]
    rows = [line.split("\t") for line in call("ops", "--table", *option)[1].splitlines()]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def present(device):
    """None when it can run here, else why not"""
    for row in table("devices"):
        if row["device"] == device:
            return None if row["present"] == "yes" else row["present"]
    return "not built"


class Failure(Exception):
    """the command refused or fell: status and its messages"""
    def __init__(self, status, text):
        super().__init__(f"status {status}: {text.strip()[:600]}")
        self.status, self.text = status, text


def run(file, device, bind, arrays, outputs, timeout=60, extra=()):
    """runs FILE[:KERNEL]; arrays: name -> (dtype, numpy array) or a number or a SPEC; outputs: name -> dtype. Gives name -> array,
    narrow floats as float64."""
    folder = tempfile.mkdtemp(dir=TMP)
    args = ["run", file, f"--device={device}", *extra]
    for name, value in bind.items():
        args += ["-D", f"{name}={value}"]
    for name, value in arrays.items():
        if isinstance(value, tuple):
            path = os.path.join(folder, name + ".npy")
            np.save(path, encode(value[1], value[0]))
            args += ["--input", f"{name}={path}"]
        else:
            args += ["--input", f"{name}={value}"]
    for name in outputs:
        args += ["--output", f"{name}={os.path.join(folder, name + '.out.npy')}"]
    status, _, err = call(*args, timeout=timeout)
    if status != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise Failure(status, err)
    out = {name: decode(np.load(os.path.join(folder, name + ".out.npy")), dtype) for name, dtype in outputs.items()}
    shutil.rmtree(folder, ignore_errors=True)
    return out


# ---- number formats ----------------------------------------------------------------------------

def _float8_table(mantissa, bias, infinities):
    """values of the 256 patterns, from the definition of the format"""
    out = np.empty(256)
    for b in range(256):
        sign, e, m = -1.0 if b & 128 else 1.0, (b & 127) >> mantissa, b & ((1 << mantissa) - 1)
        top = e == (127 >> mantissa)
        if infinities and top:
            out[b] = sign * np.inf if m == 0 else np.nan
        elif not infinities and (b & 127) == 127:
            out[b] = np.nan
        else:
            out[b] = sign * (m * 2.0 ** (1 - bias - mantissa) if e == 0 else (1 + m / (1 << mantissa)) * 2.0 ** (e - bias))
    return out


FLOAT8 = {"float8_e4m3fn": _float8_table(3, 7, False), "float8_e5m2": _float8_table(2, 15, True)}
FLOAT4 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
SMALL_INTEGERS = {"int4": np.int8, "uint4": np.uint8, "uint2": np.uint8, "uint1": np.uint8}      # in files a byte each, like the codes of FLOAT4


def _nearest_even(x, table):
    """codes of the finite values nearest to x, ties to the even code; saturating"""
    finite = [b for b in range(len(table) // 2) if np.isfinite(table[b])]
    values = table[finite]
    a = np.minimum(np.abs(x), values[-1])
    hi = np.clip(np.searchsorted(values, a), 1, len(values) - 1)
    lo = hi - 1
    up = (a - values[lo] > values[hi] - a) | ((a - values[lo] == values[hi] - a) & (hi % 2 == 0))
    code = np.where(up, hi, lo)
    return (code | np.where(np.signbit(x), len(table) // 2, 0)).astype(np.uint8)


def encode(x, dtype):
    """an array as it is stored: bfloat16 and float8 as their bits"""
    x = np.asarray(x)
    if dtype == "bfloat16":
        bits = x.astype(np.float32).view(np.uint32)
        rounded = ((bits.astype(np.uint64) + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
        return np.where(np.isnan(x), np.uint16(0x7FC0), rounded)
    if dtype in FLOAT8 or dtype == "float4_e2m1fn":
        return _nearest_even(x.astype(np.float64), FLOAT8.get(dtype, FLOAT4))
    if dtype == "tfloat32":             # ten bits after the point
        m, e = np.frexp(x.astype(np.float64))
        return np.ldexp(np.rint(m * 2048) / 2048, e).astype(np.float32)
    return x.astype(SMALL_INTEGERS.get(dtype) or np.dtype(dtype))


def decode(bits, dtype):
    """stored -> numbers: narrow floats as float64, integers as they are"""
    if dtype == "bfloat16":
        with np.errstate(invalid="ignore"):         # signalling NaN
            return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    if dtype in FLOAT8 or dtype == "float4_e2m1fn":
        return FLOAT8.get(dtype, FLOAT4)[bits]
    return bits.astype(np.float64) if bits.dtype.kind == "f" else bits


def rounded(x, dtype):
    """x as the type holds it, as float64"""
    return decode(encode(x, dtype), dtype)


# ---- comparing (all in float64) ----------------------------------------------------------------

def calc_diff(x, y):
    """1 - 2<x,y> / (<x,x> + <y,y>): about half the squared relative error"""
    d = (x * x).sum() + (y * y).sum()
    return 0.0 if d == 0 else 1 - 2 * (x * y).sum() / d


def worst_row(x, ref):
    """the largest relative error (rms) of a row; rows that are almost 0 count against the mean row"""
    x, ref = x.reshape(-1, x.shape[-1]), ref.reshape(-1, ref.shape[-1])
    e, r = np.sqrt(((x - ref) ** 2).mean(1)), np.sqrt((ref ** 2).mean(1))
    return float((e / np.maximum(r, 1e-3 * np.sqrt((ref ** 2).mean()) + 1e-30)).max()) if x.size else 0.0


def same_specials(x, ref):
    """infinities and NaN stand at the same places"""
    return bool((np.isnan(x) == np.isnan(ref)).all() and (np.where(np.isinf(x), x, 0) == np.where(np.isinf(ref), ref, 0)).all())


def finite(x):
    return np.where(np.isfinite(x), x, 0.0)


def close(x, ref, cos=None, row=None, atol=None, rtol=0.0):
    """None when x is within the bounds of ref, else what is wrong"""
    if x.shape != ref.shape:
        return f"shape {x.shape}, not {ref.shape}"
    if not same_specials(x, ref):
        bad = np.argwhere((np.isnan(x) != np.isnan(ref)) | (np.where(np.isinf(x), x, 0) != np.where(np.isinf(ref), ref, 0)))[0]
        return f"at {tuple(map(int, bad))}: {x[tuple(bad)]}, not {ref[tuple(bad)]}"
    x, ref = finite(x), finite(ref)
    if cos is not None and calc_diff(x, ref) > cos:
        return f"cosine difference {calc_diff(x, ref):.2e} > {cos:.0e}; worst element {np.abs(x - ref).max():.3g}"
    if row is not None and worst_row(x, ref) > row:
        return f"worst row {worst_row(x, ref):.2e} > {row:.0e}"
    if atol is not None:
        bad = np.argwhere(np.abs(x - ref) > atol + rtol * np.abs(ref))
        if len(bad):
            at = tuple(map(int, bad[0]))
            return f"{len(bad)} of {x.size} elements, first at {at}: {x[at]!r}, not {ref[at]!r}"
    return None


# ---- counting ----------------------------------------------------------------------------------

class Report:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, wrong):
        """wrong: None or "" when it passed, else what was found"""
        if wrong:
            self.failed += 1
            print(f"FAIL {name}\n    " + str(wrong).strip().replace("\n", "\n    "), flush=True)
        else:
            self.passed += 1
            print(f"ok   {name}", flush=True)

    def skip(self, why, n=1):
        self.skipped += n
        print(f"SKIP {why}", flush=True)

    def each(self, cases, workers=None):
        """cases: (name, function without arguments that gives what is wrong); run on all cores, reported in order"""
        def guarded(f):
            start = time.time()
            try:
                return f(), time.time() - start
            except Failure as e:
                return str(e), time.time() - start
            except subprocess.CalledProcessError as e:
                return str(e), time.time() - start
        with concurrent.futures.ThreadPoolExecutor(workers or os.cpu_count() or 2) as pool:
            for (name, _), (wrong, took) in zip(cases, pool.map(lambda c: guarded(c[1]), cases)):
                self.check(f"{name}  ({took:.1f} s)", wrong)

    def done(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 0)
