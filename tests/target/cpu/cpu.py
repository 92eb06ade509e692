"""The C that the cpu target writes, for each program of this folder and of lib/: it compiles without a warning, and it computes what the
interpreter does. What to run stands in comments of a program:

    # case: NAME=VALUE ...            parameters of the factory and open sizes; NAME=SPEC for a tensor says how it is drawn
    # cases: NAME=V1,V2,... ...       all combinations; VALUE same: every one of the list before it
    # fault: ... : TEXT               both machines must refuse, the cpu with this text

cpu.py [NAME]... runs these programs alone."""
import glob, itertools, os, re, shutil, subprocess, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from kiln import ALL, ROOT, TMP, Report, call

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fwrapv"] + (["-O3", "-march=native", "-c", "-o", "/dev/null"] if ALL else ["-fsyntax-only"])
LIBRARY = {
    "add": ["M=70 N=130", "M=70 N=130 dtype=float16"],
    "gemm": ["M=200 N=150 K=100", "M=200 N=150 K=100 act=silu dtype=float32", "M=130 N=260 K=0 act=none"],
    "attention": ["B=2 Sq=70 Sk=100 H=4 Hkv=2 D=32 BM=32 BN=32", "B=1 Sq=70 Sk=50 H=2 Hkv=1 D=64 BM=32 BN=32 causal=False dtype=float16"],
    "decode": ["H=8 Hkv=2 D=32 page=16 BG=16 splits=3 B=3 pages=40 width=8 length=ragged table=range(0,40)"],
    "dsa": ["S=70 HI=3 DI=32 H=5 D=48 DV=32 topk=20 BM=32 BN=32 BH=16 BI=16"],
}


def compilers():
    return [cc for cc in ("gcc", "clang") if shutil.which(cc)]


def combinations(text):
    """the cases of one `# cases:` line"""
    names, lists = [], []
    for word in text.split():
        name, values = word.split("=")
        names.append(name)
        lists.append(lists[-1] if values == "same" else re.split(r",(?![^()]*\))", values))
    return [" ".join(f"{n}={v}" for n, v in zip(names, values)) for values in itertools.product(*lists)]


def programs():
    """(file, cases, faults); what lib/ computes is looked at elsewhere too"""
    for path in sorted(glob.glob(os.path.join(HERE, "*.py"))):
        cases, faults = [], []
        for line in open(path):
            if line.startswith("# case: "):
                cases.append(line[8:].strip())
            elif line.startswith("# cases: "):
                cases += combinations(line[9:])
            elif line.startswith("# fault: "):
                faults.append(line[9:].split(": "))
        if cases:
            yield path, cases, faults
    for name, cases in LIBRARY.items():
        yield os.path.join(ROOT, "lib", name + ".py"), cases, []


def options(path, case):
    """numbers and names for -D; what the program has as a tensor is an input"""
    out = []
    text = open(path).read()
    for word in case.split():
        name, value = word.split("=", 1)
        out += ["--input" if f"{name}: T." in text else "-D", word]     # a tensor or a number that is passed in
    return out


def compiles(path, case):
    name = os.path.basename(path)[:-3]
    define = [w for o, w in zip(options(path, case)[::2], options(path, case)[1::2]) if o == "-D" for w in ("-D", w)]
    file = os.path.join(TMP, f"{name}-{abs(hash(case))}.c")
    status, _, err = call("emit", "--target=cpu", "--emit=text", *define, "-o", file, path)
    if status:
        return f"status {status}: {err.strip()[:300]}"
    for cc in compilers():
        r = subprocess.run([cc, *FLAGS, file], capture_output=True, text=True)
        if r.returncode:
            return f"{cc}: {r.stderr[:400]}"
    return None


def agrees(path, case):
    status, out, err = call("diff", "--device=interp,cpu", *options(path, case), path)
    return None if status == 0 else f"status {status}: {(out + err).strip()[-400:]}"


def refuses(path, case, text):
    for device in ("interp", "cpu"):
        status, out, err = call("run", f"--device={device}", *options(path, case), path)
        if status == 0:
            return f"{device} accepts it"
    return None if text in err else f"says {err.strip()[-200:]!r}"


def main():
    report, only, tests = Report(), sys.argv[1:], []
    for path, cases, faults in programs():
        name = os.path.basename(path)[:-3]
        if only and name not in only:
            continue
        for i, case in enumerate(cases):
            if i > 5 and i % 6 and not ALL:
                continue        # a part of the many
            tests.append((f"compiles {name} {case}", lambda path=path, case=case: compiles(path, case)))
            if ALL or os.path.dirname(path) == HERE:
                tests.append((f"agrees {name} {case}", lambda path=path, case=case: agrees(path, case)))
        for case, text in faults:
            tests.append((f"refuses {name} {case}", lambda path=path, case=case, text=text: refuses(path, case, text)))
    report.each(tests)
    report.done()


main()
