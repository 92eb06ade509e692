"""The Metalium texts of every program of the tree type-check against the machine's headers (tools/ttcheck.py), when these are there. A program that
tests another target may be refused by this one, with a code; the refusal is printed."""
import os, re, subprocess, sys
from corpus import programs, title
from kiln import ALL, ROOT, TMP, Report, call

TOOL = os.path.join(ROOT, "tools", "ttcheck.py")


def check(path, defines, folder):
    os.makedirs(folder, exist_ok=True)
    status, _, err = call("emit", path, "--target=metalium", "-o", folder, *[w for d in defines for w in ("-D", d)])
    if status:
        code = re.search(r"(?:todo|unsupported|error)\[(E0901|E0501|E0701)\]: (.*)", err)
        if code and re.match(r"tests/target/(?!metalium)", path):
            print(f"{path} is refused here: {code[1]}: {code[2]}")
            return None
        return err
    files = sorted(os.listdir(folder))
    roles = [(role, os.path.join(folder, f)) for f in files for role in ("reader", "compute", "writer") if re.search(rf"\b{role}\b|_{role}\b", f) and f.endswith(".cpp")]
    if not roles:
        return f"no kernels among {files}"
    r = subprocess.run([sys.executable, TOOL, *[f"{role}:{f}" for role, f in roles]], capture_output=True, text=True, timeout=300)
    return None if r.returncode == 0 else r.stdout[-1500:] + r.stderr[-500:]


def main():
    report = Report()
    cases = [(path, opts, defines) for path, opts, defines in programs() if ALL or path.startswith("lib/")]
    probe = os.path.join(TMP, "probe.cpp")
    open(probe, "w").write("void kernel_main() {}\n")
    if subprocess.run([sys.executable, TOOL, "reader:" + probe], capture_output=True).returncode == 77:
        report.skip("the machine's headers are not here: tools/ttcheck.py --fetch gets them", len(cases))
    else:
        report.each([(title(p, o), lambda p=p, d=d, i=i: check(p, d, os.path.join(TMP, f"tt{i}"))) for i, (p, o, d) in enumerate(cases)])
    report.done()


if __name__ == "__main__":
    main()
