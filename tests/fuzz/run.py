"""Fuzzing, one process at a time: the parser, the front end and the interpreter in turns, over the programs of the tree, the committed corpus and what was
found before in $B. Executions are added to tests/fuzz/executions.txt; what stopped a fuzzer is kept in $B/found, and is a bug of ours.
    SECONDS=600        in all                  TARGETS="parse eval run"
    SEEDS="DIR ..."    more programs to begin with        LEDGER=FILE  another file to count in"""
import glob, os, re, shutil, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
B = os.path.join(ROOT, os.environ.get("B", "build/fuzz"))
LEDGER = os.environ.get("LEDGER", os.path.join(ROOT, "tests", "fuzz", "executions.txt"))
SECONDS = float(os.environ.get("SECONDS", "600"))
TARGETS = os.environ.get("TARGETS", "parse eval run").split()
TURN = float(os.environ.get("TURN", "240"))
LENGTHS = {"parse": [800, 2000, 300], "eval": [1500, 4000], "run": [1500, 3000]}
HEAD = """# Fuzzing so far: one line for each day, tree and target. found: inputs that stopped the fuzzer (a crash, a sanitizer's report, more
# than 3 s, more than 1.5 GB, or a printed text that does not read back as what it came from); each is mended or has become a test.
# date       commit    target executions seconds found
"""


def build():
    return subprocess.run(["sh", "tests/fuzz/build.sh", *TARGETS], cwd=ROOT, env={**os.environ, "B": os.path.relpath(B, ROOT)}).returncode == 0


def seeds():
    """all our programs under names of their own"""
    folder = os.path.join(B, "seeds")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    files = [f for kind in ("py", "tile", "ast", "sched") for f in glob.glob(os.path.join(ROOT, "tests", "**", "*." + kind), recursive=True)]
    files += glob.glob(os.path.join(ROOT, "lib", "*.py")) + glob.glob(os.path.join(ROOT, "examples", "*.py"))
    for more in os.environ.get("SEEDS", "").split():
        files += glob.glob(os.path.join(more, "**", "*.py"), recursive=True)
    for i, f in enumerate(files):
        if os.path.getsize(f) <= 16384:
            shutil.copy(f, os.path.join(folder, f"{i}-{os.path.basename(f)}"))
    return folder


def ledger_add(target, executions, seconds, found):
    date = time.strftime("%Y-%m-%d", time.gmtime())
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip() or "-"
    rows = {}
    if os.path.exists(LEDGER):
        for line in open(LEDGER):
            w = line.split()
            if len(w) == 6 and w[0] != "#":
                rows[tuple(w[:3])] = list(map(int, w[3:]))
    old = rows.get((date, commit, target), [0, 0, 0])
    rows[date, commit, target] = [old[0] + executions, old[1] + round(seconds), old[2] + found]
    with open(LEDGER + ".new", "w") as f:
        f.write(HEAD)
        for key, (n, s, c) in rows.items():
            f.write(f"{key[0]}  {key[1]:8s}  {key[2]:6s} {n:10d} {s:7d} {c:5d}\n")
        f.write(f"# {sum(r[0] for r in rows.values())} executions in all\n")
    os.replace(LEDGER + ".new", LEDGER)


def drop_known(found, *folders):
    """what stopped a fuzzer is not given to it again"""
    known = {open(f, "rb").read() for f in glob.glob(os.path.join(found, "*-*-*")) if not f.endswith(".log")}
    for folder in folders:
        for f in glob.glob(os.path.join(folder, "*")):
            if open(f, "rb").read() in known:
                os.remove(f)


def turn(target, length, seconds, seed_dir):
    """one target for so long; it is started again after a find"""
    work, found = os.path.join(B, "work", target), os.path.join(B, "found")
    os.makedirs(work, exist_ok=True)
    os.makedirs(found, exist_ok=True)
    until = time.time() + seconds
    while time.time() < until - 5:
        start = time.time()
        committed = [d for d in [os.path.join(ROOT, "tests", "fuzz", "corpus", target)] if os.path.isdir(d)]
        r = subprocess.run(["nice", "-n", "15", os.path.join(B, target), f"-max_total_time={int(until - start)}", "-timeout=3", "-rss_limit_mb=1500",
                            f"-max_len={length}", "-print_final_stats=1", f"-artifact_prefix={found}/{target}-", work, *committed, seed_dir],
                           cwd=ROOT, capture_output=True, text=True, errors="replace",
                           env={**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"})
        done = re.search(r"number_of_executed_units: (\d+)", r.stderr)
        count, bad = int(done.group(1)) if done else 0, r.returncode != 0
        ledger_add(target, count, time.time() - start, int(bad))
        print(f"{time.strftime('%H:%M:%S')} {target} {length}: {count} executions in {time.time() - start:.0f} s{', FOUND' if bad else ''}", flush=True)
        if bad:
            drop_known(found, work, seed_dir)
            log = os.path.join(found, f"{target}-{int(time.time())}.log")
            with open(log, "w") as f:
                f.write(r.stderr[-20000:])
            why = [line for line in r.stderr.splitlines() if re.search(r"ERROR|fuzz:|runtime error|SUMMARY|#[0-9] .* in .* src/", line)]
            print("    " + "\n    ".join(why[:8]) + f"\n    {log}", flush=True)


def main():
    if not build():
        sys.exit("the fuzzers do not build")
    until, k, seed_dir, stop = time.time() + SECONDS, 0, seeds(), os.path.join(B, "stop")
    while time.time() < until - 5 and not os.path.exists(stop):
        target = TARGETS[k % len(TARGETS)]
        lengths = LENGTHS[target]
        turn(target, lengths[k // len(TARGETS) % len(lengths)], min(TURN, until - time.time()), seed_dir)
        k += 1


if __name__ == "__main__":
    main()
