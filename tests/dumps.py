"""A dump is a program. For every program of the tree: its tile program and its schedule for every target are printed, read back and
compared node by node (tests/tools/roundtrip.c); and running the dumps on the interpreter gives the same bytes as running the source."""
import glob, os, re, subprocess
import numpy as np
from corpus import programs, title
from kiln import ROOT, TMP, Report, call, table

B = os.path.dirname(os.environ.get("KILN", os.path.join(ROOT, "build", "kiln")))
TOOL = os.path.join(TMP, "roundtrip")


def build_tool():
    objects = [o for o in glob.glob(os.path.join(ROOT, B, "obj/**/*.o"), recursive=True) if "/cli/" not in o and not o.endswith("libkiln.o")]
    flags = (["-fsanitize=address,undefined"] if os.environ.get("ASAN") else []) + os.environ.get("LDFLAGS", "").split()
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O1", *flags, "-Isrc", "-Iinclude", "-o", TOOL, "tests/tools/roundtrip.c", *objects,
                    "-lm", "-lpthread", "-ldl"], check=True, cwd=ROOT)


def same_nodes(path, defines):
    r = subprocess.run([TOOL, path, *defines], capture_output=True, text=True, cwd=ROOT, timeout=120)
    lines = r.stdout.splitlines()
    if r.returncode or not lines or any(l.startswith(("FAIL", "refused tile")) for l in lines):
        return r.stdout[-1500:] + r.stderr[-500:] or f"status {r.returncode}"
    return None


def emitted(path, defines, folder):
    """the dumps as files: name -> path; a target that refuses the program has none"""
    out = {}
    bind = [w for d in defines for w in ("-D", d)]
    for stage, target in [("tile", None)] + [("sched", row["target"]) for row in table("targets")]:
        to = os.path.join(folder, (target or stage) + ".py")
        if call("emit", path, "--emit=" + stage, *(["--target", target] if target else []), *bind, "-o", to)[0] == 0:
            out[target or stage] = to
    return out


def results(path, opts, folder, name):
    """what the interpreter writes, as bytes, parameter by parameter"""
    names = parameters(path, opts)
    outs = {n: os.path.join(folder, f"{name}.{n}.npy") for n in names}
    extra = [w for n, f in outs.items() for w in ("--output", f"{n}={f}")]
    status, _, err = call("run", path, "--device=interp", *opts, *extra)
    if status:
        return err
    return {n: np.load(f).tobytes() for n, f in outs.items()}


def parameters(path, opts):
    """tensor names, from the tile dump, which writes every tensor as `name: T.Tensor(`"""
    bind = [w for i, o in enumerate(opts) if o == "-D" for w in ("-D", opts[i + 1])]
    return re.findall(r"(\w+): T\.Tensor\(", call("emit", path, "--emit=tile", *bind)[1])


def same_results(path, opts, defines):
    folder = os.path.join(TMP, "dump%d" % abs(hash((path, tuple(opts)))))
    os.makedirs(folder, exist_ok=True)
    first = results(path, opts, folder, "source")
    if isinstance(first, str):
        return "the source does not run: " + first
    if not first:
        return "no parameters found"
    dumps = emitted(path, defines, folder)
    if "tile" not in dumps:
        return "no tile dump"
    for name, dump in dumps.items():
        again = results(dump, dump_options(dump, opts), folder, name)
        if isinstance(again, str):
            return f"the {name} dump does not run: {again}"
        bad = [n for n in first if first[n] != again.get(n)]
        if bad:
            return f"the {name} dump gives another {bad[0]}"
    return None


def strip_defines(opts):
    """a dump has its constants in it; only open sizes are still named"""
    out, skip = [], False
    for o in opts:
        if skip or o == "-D":
            skip = not skip
            continue
        out.append(o)
    return out


def dump_options(dump, opts):
    """the -D's of sizes that are still open in the dump"""
    text = open(dump).read()
    keep = []
    for i, o in enumerate(opts):
        if o == "-D" and f'T.dynamic("{opts[i + 1].split("=")[0]}")' in text:
            keep += ["-D", opts[i + 1]]
    return strip_defines(opts) + keep


def main():
    report = Report()
    build_tool()
    cases = []
    for path, opts, defines in programs():
        cases.append(("nodes   " + title(path, opts), lambda p=path, d=defines: same_nodes(p, d)))
        cases.append(("results " + title(path, opts), lambda p=path, o=opts, d=defines: same_results(p, o, d)))
    report.each(cases)
    report.done()


if __name__ == "__main__":
    main()
