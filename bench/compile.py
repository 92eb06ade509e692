"""What compiling takes: front end and verifier (from the file to a checked tile program), kernel by kernel, in one process, the median of TIMES
compilations in milliseconds of processor time. The kernels: the public examples with their own parameters (tests/conformance), and the library and
the examples of this tree. TileLang 0.1.15 takes 1.16 s in the median for lowering such a kernel, and 21 s for the largest.
    TIMES=15   compilations of each           OUT=FILE   where the figures go; bench/results/compile.json"""
import json, os, platform, statistics, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
B = os.environ.get("B", "build")
TIMES = int(os.environ.get("TIMES", "15"))
OUT = os.environ.get("OUT", os.path.join(ROOT, "bench", "results", "compile.json"))
BOUNDS = {"median": 5.0, "largest": 100.0}
sys.path[:0] = [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "conformance")]
os.environ.setdefault("KILN", os.path.join(ROOT, B, "kiln"))
import corpus, manifest, public
from run import defines


def rows():
    """(title, path, kernel, NAME=VALUE ...)"""
    out = []
    for path, opts, binds in corpus.programs():
        file, _, kernel = path.partition(":")
        if file.startswith(("lib/", "examples/")):
            out.append((corpus.title(path, opts), os.path.join(ROOT, file), kernel, binds))
    home, why = public.folder()
    if not home:
        print(f"without the public examples: {why}")
        return out
    for row in manifest.rows():
        path = os.path.join(home, "examples", row.file)
        for k, setting in enumerate(row.settings):
            more = f" #{k + 1}" if len(row.settings) > 1 else ""
            out.append((row.name + more, path, row.kernel, [w for w in defines(setting) if w != "-D"]))
    return out


def main():
    tool = os.path.join(ROOT, B, "bench-compile")
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Iinclude", "-o", tool, "bench/compile.c", f"{B}/libkiln.a", "-lm", "-lpthread", "-ldl"],
                   cwd=ROOT, check=True)
    table = rows()
    text = "".join("\t".join([path, kernel, *binds]) + "\n" for _, path, kernel, binds in table)
    answers = subprocess.run([tool, str(TIMES)], input=text, capture_output=True, text=True, cwd=ROOT, check=True).stdout.splitlines()
    got = []
    for (title, path, _, _), answer in zip(table, answers, strict=True):
        code, median, least, size = answer.split("\t")
        got.append({"kernel": title, "result": code, "ms": float(median), "least_ms": float(least), "bytes": int(size)})
    fine = sorted((g for g in got if g["result"] == "ok"), key=lambda g: -g["ms"])
    refused = [g for g in got if g["result"] != "ok"]
    print(f"{'kernel':90s} {'ms':>8s} {'least':>8s}")
    for g in fine[:10]:
        print(f"{g['kernel'][:90]:90s} {g['ms']:8.3f} {g['least_ms']:8.3f}")
    median, largest = statistics.median(g["ms"] for g in fine), fine[0]["ms"]
    print(f"{len(fine)} kernels: median {median:.3f} ms (bound {BOUNDS['median']}), largest {largest:.2f} ms (bound {BOUNDS['largest']}); "
          f"{len(refused)} refused: {', '.join(sorted({g['result'] for g in refused})) or '-'}")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    with open(OUT, "w") as f:
        json.dump({"what": "front end and verifier, processor time of one compilation", "date": time.strftime("%Y-%m-%d", time.gmtime()), "commit": commit, "cpu": cpu,
                   "times": TIMES, "kernels": len(fine), "median_ms": round(median, 3), "largest_ms": round(largest, 3), "refused": len(refused),
                   "slowest": [{"kernel": g["kernel"], "ms": round(g["ms"], 3)} for g in fine[:20]]}, f, indent=1)
        f.write("\n")
    sys.exit(median > BOUNDS["median"] or largest > BOUNDS["largest"])


if __name__ == "__main__":
    main()
