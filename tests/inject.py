"""Failures on purpose. In one process, at every request to an arena (tests/tools/inject.c): check, emit and run of three programs give E0904 each
time and leave no memory behind. Of the command, at every call of malloc, fopen, fread, stat, fwrite, rename and so on (tests/tools/faults.c): a
message, the exit status of the environment or of a file that cannot be read, no file half written, no leak."""
import glob, os, re, shutil, subprocess, sys, tempfile
from kiln import ALL, ROOT, TMP, Report, saw

B = os.environ.get("B", "build")
WRAPPED = "malloc calloc realloc strdup fopen fread ferror fclose fstat stat lstat rename mkdir mkdtemp opendir fwrite fputs fflush".split()
PROGRAMS = [("lib/gemm.py", ["M=128", "N=128", "K=96", "BM=64", "BN=64", "BK=32"]), ("examples/02_softmax.py", ["m=70", "n=90"]), ("tests/run/macros.py", None)]


PACKAGE = {"__init__.py": "", "sizes.py": "from .more import twice\nN = twice(64)\n", "more.py": "def twice(x):\n    return 2 * x\n",
           "kernel.py": "import tilelang.language as T\nfrom .sizes import N\n\n\n@T.prim_func\ndef k(A: T.Tensor((N,), 'float32')):\n"
                        "    with T.Kernel(1) as bx:\n        A[bx] = 1.0\n"}


def package():
    """a program of several files"""
    folder = tempfile.mkdtemp(dir=TMP)
    for name, text in PACKAGE.items():
        open(os.path.join(folder, name), "w").write(text)
    return os.path.join(folder, "kernel.py"), []


def objects():
    found = sorted(glob.glob(os.path.join(ROOT, B, "obj", "**", "*.o"), recursive=True))
    return [o for o in found if not o.endswith(("/libkiln.o", "/base/mem.o")) and "/cli/" not in o]


def compiler(out, sources, objs, *more):
    flags = ["-fsanitize=address,undefined"] if os.environ.get("ASAN") else []
    flags += os.environ.get("LDFLAGS", "").split()
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", *flags, "-Isrc", "-Iinclude", "-o", out, *sources, *objs, *more,
                    "-lm", "-lpthread", "-ldl"], cwd=ROOT, check=True)
    return out


def binds(path, given):
    if given is not None:
        return given
    line = next((x for x in open(os.path.join(ROOT, path)) if x.startswith("# run:")), "")
    return re.findall(r"-D (\S+)", line)


# ---- requests for memory -------------------------------------------------------------------------

def requests(tool, mode, path, defines):
    stride = 7 if ALL else {"check": 61, "emit": 211, "run": 211}[mode]
    r = subprocess.run([tool, mode, str(stride), path, *defines], cwd=ROOT, capture_output=True, text=True, timeout=900)
    last = (r.stdout.splitlines() or ["nothing"])[-1]
    print(f"     {mode} {path}: {last}", flush=True)
    return None if r.returncode == 0 else f"status {r.returncode}\n{r.stdout[-2500:]}{r.stderr[-1500:]}"


# ---- calls of the C library ----------------------------------------------------------------------

def one_fault(kiln, n, args):
    """(calls, what failed, status, messages, files left)"""
    folder = tempfile.mkdtemp(dir=TMP)
    log = os.path.join(folder, "log")
    out = os.path.join(folder, "out")
    os.mkdir(out)
    env = {**os.environ, "KILN_FAULT": str(n), "KILN_FAULT_LOG": log, "TMPDIR": out, "ASAN_OPTIONS": "detect_leaks=1"}
    r = subprocess.run([kiln, *[a.replace("OUT", out) for a in args]], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    saw(r.stderr)
    calls, name = open(log).read().split() if os.path.exists(log) else (0, "?")
    left = {f: open(os.path.join(d, f)).read() for d, _, files in os.walk(out) for f in files}
    shutil.rmtree(folder)
    return int(calls), name, r.returncode, r.stderr, left, r.stdout


def faults(kiln, args):
    calls, _, status, said, whole, text = one_fault(kiln, 0, args)
    if status != 0:
        return f"without a fault: status {status}: {said}"
    wrong, harmless = [], 0
    for n in range(1, calls + 1):
        _, name, status, said, left, out = one_fault(kiln, n, args)
        if status == 0 and left == whole and out == text:       # what failed was not needed: is there such a file?
            harmless += 1
            continue
        told = re.search(r"error\[E\d{4}\]|out of memory|cannot write|cannot read", said)
        half = {f for f in left if left[f] != whole.get(f)}
        missing = status == 1 and name in ("stat", "lstat")      # what cannot be asked for is not there
        if (status not in (2, 3) and not missing) or not told or half or "LeakSanitizer" in said or "runtime error" in said or "AddressSanitizer" in said:
            wrong.append(f"call {n} of {calls}, {name}: status {status}, {'files ' + str(half) if half else ''} {said[:300]!r}")
    print(f"     {' '.join(args)}: {calls} calls, {harmless} of them not needed", flush=True)
    return "\n".join(wrong[:8]) + (f"\n{len(wrong)} in all" if wrong else "")


def main():
    report = Report()
    os.makedirs(os.path.join(ROOT, B, "test"), exist_ok=True)
    tool = compiler(os.path.join(ROOT, B, "test", "inject"), ["tests/tools/inject.c", "tests/fuzz/arena.c"], objects())
    command = glob.glob(os.path.join(ROOT, B, "obj", "cli", "*.o")) + [os.path.join(ROOT, B, "libkiln.a")]
    kiln = compiler(os.path.join(ROOT, B, "test", "kiln-faults"), ["tests/tools/faults.c"], command, *[f"-Wl,--wrap={w}" for w in WRAPPED])
    programs = PROGRAMS + [package()]
    for path, given in programs:
        defines = binds(path, given)
        for mode in ("check", "emit", "run"):
            report.check(f"no memory: {mode} {path}", requests(tool, mode, path, defines))
    for path, given in programs:
        opts = [x for d in binds(path, given) for x in ("-D", d)]
        report.check(f"faults: check {path}", faults(kiln, ["check", path, *opts]))
        report.check(f"faults: emit -o {path}", faults(kiln, ["emit", "--target=cuda", path, *opts, "-o", "OUT/text.cu"]))
    report.done()


if __name__ == "__main__":
    main()
