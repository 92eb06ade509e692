"""Line coverage of the library by the tests: a build with gcov in $B, the groups that ONLY names (else those that read programs), then a table by
folder and by file. What was not run is listed in $B/uncovered.txt. The front end (src/lang) must have 90 % of its lines run."""
import collections, glob, json, os, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
B = os.environ.get("B", "build/coverage")
GROUPS = os.environ.get("ONLY", "unit python mutants bombs inject fuzz golden refusals cli messages failures verify dumps ops run cases public language")
LEAST = {"lang": 90.0}


def run(*cmd, **more):
    return subprocess.run(cmd, cwd=ROOT, text=True, **more)


def lines_of(gcda):
    """file -> {line: how often}, from one object"""
    r = run("gcov", "--json-format", "--stdout", gcda, capture_output=True)
    for text in r.stdout.splitlines():
        for f in json.loads(text)["files"]:
            if f["file"].startswith("src/"):
                yield f["file"], {line["line_number"]: line["count"] for line in f["lines"]}


def ranges(numbers):
    out = []
    for n in numbers:
        if out and n == out[-1][1] + 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def measure():
    """runs the groups on a build that counts lines"""
    make = os.environ.get("MAKE", "make")
    if run(make, "--no-print-directory", f"B={B}", "OPT=-O0 -g --coverage", "CFLAGS=-Wno-error", "LDFLAGS=--coverage", "all", stdout=subprocess.DEVNULL).returncode:
        sys.exit("the library does not build")
    for old in glob.glob(os.path.join(ROOT, B, "**", "*.gcda"), recursive=True):
        os.remove(old)
    run("sh", "tests/run.sh", env={**os.environ, "B": B, "ONLY": GROUPS, "LDFLAGS": "--coverage"})


def counts():
    """file -> {line: how often}"""
    count = collections.defaultdict(collections.Counter)
    for gcda in glob.glob(os.path.join(ROOT, B, "obj", "**", "*.gcda"), recursive=True):
        for name, lines in lines_of(os.path.relpath(gcda, ROOT)):
            for line, n in lines.items():
                count[name][line] += n
    return count


def tell(count):
    """prints the table; false when a folder has too little"""
    folders, good = collections.defaultdict(lambda: [0, 0]), True
    with open(os.path.join(ROOT, B, "uncovered.txt"), "w") as f:
        for name, lines in sorted(count.items()):
            bad = sorted(line for line, n in lines.items() if n == 0)
            inside = os.path.dirname(name)[4:]
            for folder in {inside, inside.split("/")[0]}:           # a room counts for its house, too
                folders[folder][0] += len(lines) - len(bad)
                folders[folder][1] += len(lines)
            f.write(f"{name}: {len(bad)} of {len(lines)} lines\n    {ranges(bad)}\n")
            if name.startswith("src/lang/"):
                print(f"  {name:36s} {100 * (len(lines) - len(bad)) / max(len(lines), 1):6.1f} %  {len(bad):5d} lines not run")
    for folder, (ran, n) in sorted(folders.items()):
        share = 100 * ran / max(n, 1)
        good &= share >= LEAST.get(folder, 0)
        print(f"{folder:16s} {ran:6d} of {n:6d} lines  {share:5.1f} %{'  less than ' + str(LEAST[folder]) if share < LEAST.get(folder, 0) else ''}")
    return good


if __name__ == "__main__":
    measure()
    sys.exit(not tell(counts()))
