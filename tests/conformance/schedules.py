"""The kernels of the public example set as schedules: each is scheduled for every target, proved, and the interpreter runs the schedule, judged by the
reference of its family (run.py).

    schedules.py [--all] [--json FILE] [--targets=cuda,metalium,cpu] [--jobs=N] [PATTERN]...

--all: every small setting of a row, not just the first. The table: kernel; for each target its roles, its pipes with their depths, compute groups, started
gemms; or why it is one sequence."""
import argparse, collections, concurrent.futures, json, os, re, sys, time
import manifest, public
from kiln import call
from run import LIMIT, Progress, Wrong, defines, guarded, refusal, small


def describe(text, remarks):
    """what a schedule is made of, a launch at a time"""
    out = []
    whys = re.findall(r"\[E0410\]: '(\w+)' (?:runs as one sequence|stays as its threads are written): (.*)", remarks)
    for launch in re.split(r"\n    with T\.Kernel\(", text)[1:]:
        roles = [r for r in ("reader", "compute", "writer") if re.search(rf"\n {{8}}with T\.{r}\(", launch)]
        depths = [int(d) for d in re.findall(r"= T\.pipe\(.*depth=(\d+)", launch)]
        groups = re.search(r"with T\.compute\(groups=(\d+)", launch)
        out.append(dict(roles=roles if depths else [], pipes=depths, groups=int(groups[1]) if groups else 1, started=launch.count("start=True")))
    for launch in out:
        if not launch["pipes"]:
            launch["why"] = whys.pop(0)[1] if whys else "nothing to join"
    return out


def scheduled(target, made):
    def form(program, sizes, text, folder):
        if program is None:                 # its tensors lie behind addresses: run.py hands over the text
            program = os.path.join(folder, "tile.py")
            open(program, "w").write(text)
            by_text = True
        else:
            by_text = False
        status, sched, err = call("emit", program, "--emit=sched", f"--target={target}", "-R", *([] if by_text else defines(sizes)), timeout=LIMIT)
        if status:
            raise refusal(target, status, err)
        made.append(describe(sched, err))
        if by_text:
            return None, sizes, sched
        file = os.path.join(folder, "sched.py")
        open(file, "w").write(sched)
        return file, {k: v for k, v in sizes.items() if f'T.dynamic("{k}")' in sched}, text
    return form


def judge_row(row, examples, options):
    out = dict(file=row.file, kernel=row.kernel, prim=row.prim, ref=row.ref, targets={}, wrong=[])
    for target in options.targets.split(","):
        for setting in row.small if options.all else row.small[:1]:
            made = []
            _, code, wrong = guarded(small, os.path.join(examples, row.file), row, setting, "interp", scheduled(target, made))
            if wrong:
                out["wrong"].append(f"{target}: {wrong}")
            out["targets"].setdefault(target, made[0] if made else [])
    return out


def words(launches):
    said = []
    for l in launches:
        if not l["pipes"]:
            said.append(f"one sequence: {l['why']}")
            continue
        depths = collections.Counter(l["pipes"])
        said.append(f"{len(l['roles'])} roles, pipes of " + " + ".join(f"{n} x {d}" for d, n in sorted(depths.items()))
                    + (f", {l['groups']} groups" if l["groups"] > 1 else "") + (", gemms in flight" if l["started"] else ""))
    return "; ".join(f"{n} launches: {s}" if n > 1 else s for s, n in collections.Counter(said).items())


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--targets", default="cuda,metalium,cpu")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    chosen = [r for r in manifest.rows() if not options.patterns or any(p in r.name for p in options.patterns)]
    home, why = public.folder()
    if not home:
        print(f"SKIP the public example set: {why}")
        print(f"0 passed, 0 failed, {len(chosen)} skipped")
        return
    progress, results, start = Progress(len(chosen)), [], time.time()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for r in pool.map(lambda row: judge_row(row, os.path.join(home, "examples"), options), chosen):
            progress.step(r["file"])
            results.append(r)
            print(("ok   " if not r["wrong"] else "FAIL ") + f"{r['file']}:{r['kernel']}")
            for target, launches in r["targets"].items():
                print(f"       {target:9} {words(launches)}")
            for w in r["wrong"]:
                print("    " + w)
            sys.stdout.flush()
    bad = sum(1 for r in results if r["wrong"])
    print()
    for target in options.targets.split(","):
        launches = [l for r in results for l in r["targets"].get(target, [])]
        print(f"{target}: {len(launches)} launches, {sum(1 for l in launches if l['pipes'])} of them in roles")
        for why, n in collections.Counter(re.sub(r"'\w+'", "a buffer", l["why"]) for l in launches if not l["pipes"]).most_common():
            print(f"    {n:4} {why}")
    if options.json:
        with open(options.json, "w") as f:              # a row a line
            head = dict(version=public.VERSION, right=len(results) - bad)
            f.write(json.dumps(head)[:-1] + ', "rows": [\n' + ",\n".join(json.dumps(r) for r in results) + "\n]}\n")
    print(f"{time.time() - start:.0f} s")
    print(f"{len(results) - bad} passed, {bad} failed, 0 skipped")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
