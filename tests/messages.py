"""Messages: carets under what they speak of, whatever the line holds; every code has a why and a help; JSON and SARIF; colours; what -W and
-R make of warnings and remarks; exit statuses; list, doctor, reduce, help, the place of a difference, two runs at once."""
import json, os, re, subprocess, sys, unicodedata
import numpy as np
from kiln import KILN, PLAIN as CLEAN, ROOT, TMP, Report, call, present, saw, shell, table

report = Report()
HEAD = "import tilelang.language as T\n\n\n@T.prim_func\ndef f(A: T.Tensor((8,), \"float32\")):\n    with T.Kernel(1) as b:\n"


def write(name, text, mode="w"):
    path = os.path.join(TMP, name)
    with open(path, mode, **({} if "b" in mode else {"newline": ""})) as f:
        f.write(text)
    return path


def check(name, right, found=""):
    report.check(name, None if right else str(found)[:400] or "no")


# ---- carets ------------------------------------------------------------------------------------

def columns(line):
    """the character over each column of a terminal"""
    out = []
    for c in line:
        width = 0 if unicodedata.combining(c) or c in "\u200b\ufe0f" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        out += [c] * width
    return out


def under(err, code):
    """(place, what the carets of the first message with this code stand under, the line above them)"""
    lines = err.split("\n")
    for i, line in enumerate(lines):
        if f"[{code}]" in line:
            for j in range(i + 1, min(i + 6, len(lines) - 1)):
                marks = lines[j + 1]
                if "^" in marks and not marks.strip(" ^~-"):
                    over = columns(lines[j])
                    at = [k for k, c in enumerate(marks) if c in "^~"]
                    return line.split(": ")[0], "".join(over[k] if k < len(over) else "" for k in at), lines[j]
    return "", "", ""


LINES = {"plain": "        A[0] = zzz", "after a tab": "\tA[0] =\tzzz", "after wide characters": '        A[0] = len("日本語テキスト") + zzz',
         "after combining characters": '        A[0] = len("e\u0301a\u0308") + zzz', "after an emoji": '        A[0] = len("😀") + zzz',
         "on a line of 600,000 characters": "        A[0] = " + "1.0 + " * 100 + "zzz" + "  # " + "x" * 600000,
         "far inside a long line": '        A[0] = len("' + "y" * 5000 + '") + zzz', "before a comment": "        A[0] = zzz  # zzz"}
for name, line in LINES.items():
    body = HEAD.replace("    with", "\twith") if line[0] == "\t" else HEAD
    line = "\t" + line if line[0] == "\t" else line
    status, _, err = call("check", write("caret.py", body + line + "\n"))
    place, word, shown = under(err, "E0201")
    check(f"carets {name}", status == 1 and word == "zzz", (status, place, word, err[:300]))
    check(f"the line is short enough {name}", len(shown) <= 112, len(shown))
    column = line.index("zzz") + 1
    check(f"the column {name}", place.endswith(f":7:{column}"), (place, column))
for name, end in (("CR LF", "\r\n"), ("CR", "\r")):
    _, _, err = call("check", write("crlf.py", (HEAD + LINES["plain"] + "\n").replace("\n", end)))
    place, word, _ = under(err, "E0201")
    check(f"carets with lines that end in {name}", word == "zzz" and place.endswith(":7:16") and "\r" not in err, (place, word, err[:200]))
_, _, err = call("check", write("bom.py", "\ufeffx = $\n"))
check("a byte-order mark is no column", ":1:5: error[E0105]" in err, err[:200])
_, _, err = call("check", write("lines.py", HEAD + "        T.copy(A,\n               A[0:4,\n                 0:3],\n               3)\n"))
check("a range over several lines", err.count("~~~") >= 2 and "^" in err, err[:400])
_, _, err = call("check", write("escape.py", HEAD + '        assert False, "\\x1b[2Jgone \\u202egnirts"\n'))
check("what a program says cannot command the terminal", "\x1b" not in err and "\u202e" not in err, repr(err[:200]))
_, _, err = call("check", "tests/errors/gemm_shapes.py")
check("every place that a message speaks of is shown", err.count("^~") == 3, err)

# ---- every message -----------------------------------------------------------------------------

status, out, _ = call("ops", "--table", "--errors")
codes = [row.split("\t")[0] for row in out.splitlines()[1:]]
for code in codes:
    status, text, _ = call("explain", code)
    body = text.split("\n\n", 1)[1] if "\n\n" in text else ""
    check(f"explain {code}", status == 0 and text.startswith(code) and len(body.split()) >= 6 and body.rstrip().endswith((".", ")", "`")), text[:200])
for path in ("tests/errors/several.py", "tests/errors/rank.py", "tests/errors/type_error.py", "tests/errors/deadlock.py"):
    status, _, err = call("check", path)
    check(f"why and help: {path}", status == 1 and "    note: " in err and "    help: " in err and re.search(r"\[E\d{4}\]", err), err[:300])
deep = HEAD + "        A[0] = " + "T.max(A[1], " * 3000 + "A[2]" + ")" * 3000 + "\n"
status, _, err = call("check", write("deep.py", deep))
check("nothing follows from a limit", status == 1 and len(re.findall(r"\[E\d{4}\]", err)) == 1 and "E0106" in err, err[:300])

# ---- JSON, SARIF -------------------------------------------------------------------------------

status, out, err = call("check", "tests/errors/gemm_shapes.py", "--diagnostics=json")
rows = [json.loads(line) for line in err.splitlines()]
check("JSON: one object a line", status == 1 and not out and len(rows) == 1, err[:300])
row = rows[0] if rows else {}
check("JSON: what it holds", row.get("code") == "E0304" and row.get("kind") == "error" and row.get("path") == "tests/errors/gemm_shapes.py"
      and (row.get("line"), row.get("column"), row.get("end_line"), row.get("end_column")) == (14, 9, 14, 30) and row.get("help")
      and [n["line"] for n in row.get("notes", [])] == [8, 9], row)
status, _, err = call("check", "--diagnostics=json", "tests/errors/several.py")
check("JSON: several", status == 1 and len([json.loads(l) for l in err.splitlines()]) >= 2, err[:300])
status, _, err = call("check", "--diagnostics=json", "no/such.py")
check("JSON: no place", status == 2 and json.loads(err)["code"] == "E0702" and json.loads(err)["path"] is None, err)
status, _, err = call("check", "--diagnostics=json", "--taget=x")
check("JSON: the command's own messages", status == 2, err)
status, _, err = call("check", "lib/add.py", "--diagnostics=json", "-D", "M")
check("JSON: usage", status == 2 and json.loads(err)["code"] == "E0701", err)
odd = write('odd "name"\t.py', b"import tilelang.language as T\nx = $ \xff\n", "wb")
status, _, err = call("check", odd, "--diagnostics=json")
check("JSON: odd names and bytes", status in (1, 2) and all(json.loads(l)["message"] for l in err.splitlines()), err[:300])


def sarif(text):
    """the schema's required members, and ours; None when it is right"""
    d = json.loads(text)
    if d["version"] != "2.1.0" or "$schema" not in d or len(d["runs"]) != 1:
        return "no SARIF 2.1.0"
    run = d["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    if run["tool"]["driver"]["name"] != "kiln" or run["columnKind"] not in ("unicodeCodePoints", "utf16CodeUnits"):
        return "tool"
    if len({r["id"] for r in rules}) != len(rules) or not all(r["shortDescription"]["text"] and r["fullDescription"]["text"] for r in rules):
        return "rules"
    if not all(isinstance(i["executionSuccessful"], bool) for i in run["invocations"]):
        return "invocations"
    for r in run["results"]:
        if rules[r["ruleIndex"]]["id"] != r["ruleId"] or r["level"] not in ("error", "warning", "note", "none") or not r["message"]["text"]:
            return f"result {r}"
        for place in r["locations"] + [l for l in r["relatedLocations"] if "physicalLocation" in l]:
            where = place["physicalLocation"]
            region = where["region"]
            if re.search(r"[^A-Za-z0-9._~:/%-]", where["artifactLocation"]["uri"]) or min(region.values()) < 1:
                return f"location {place}"
            if (region["endLine"], region["endColumn"]) < (region["startLine"], region["startColumn"]):
                return f"region {region}"
        if len({l["id"] for l in r["relatedLocations"]}) != len(r["relatedLocations"]):
            return "ids"
    return None


for name, args, want, n in (("an error", ["check", "tests/errors/gemm_shapes.py"], 1, 1), ("several", ["check", "tests/errors/several.py"], 1, 2), ("none", ["check", "lib/add.py", "-D", "M=4", "-D", "N=4"], 0, 0),
                            ("no file", ["check", "no such.py"], 2, 1), ("an odd name", ["check", odd], None, 1), ("usage", ["check", "lib/add.py", "-D", "M"], 2, 1)):
    status, _, err = call(*args, "--diagnostics=sarif")
    try:
        wrong = sarif(err)
        results = json.loads(err)["runs"][0]["results"]
        if not wrong and (want is not None and status != want or len(results) < n or (n == 0 and results)):
            wrong = f"status {status}, {len(results)} results"
    except (ValueError, KeyError, IndexError) as e:
        wrong = f"{type(e).__name__} {e}: {err[:200]}"
    report.check(f"SARIF: {name}", wrong)

# ---- colours -----------------------------------------------------------------------------------

BAD = write("bad.py", "x = (\n")
for name, args, env, want in (("not in a file", [], {}, False), ("--color=always", ["--color=always"], {}, True), ("CLICOLOR_FORCE", [], {"CLICOLOR_FORCE": "1"}, True), ("CLICOLOR_FORCE=0", [], {"CLICOLOR_FORCE": "0"}, False),
                              ("NO_COLOR against CLICOLOR_FORCE", [], {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False), ("--color=always against NO_COLOR", ["--color=always"], {"NO_COLOR": "1"}, True),
                              ("--color=never against CLICOLOR_FORCE", ["--color=never"], {"CLICOLOR_FORCE": "1"}, False)):
    _, _, err = shell(["check", BAD, *args], env)
    check(f"colours: {name}", ("\x1b[" in err) == want, repr(err[:100]))

if sys.platform == "linux":
    import pty
    for env, want in (({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "xterm", "CLICOLOR": "0"}, False)):
        master, slave = pty.openpty()
        p = subprocess.Popen([KILN, "check", BAD], stdout=slave, stderr=slave, env={**CLEAN, **env}, cwd=ROOT)
        p.wait(60)
        os.close(slave)
        got = os.read(master, 65536).decode(errors="replace")
        os.close(master)
        check(f"colours on a terminal: {env}", ("\x1b[" in got) == want, repr(got[:100]))

# ---- warnings and remarks ----------------------------------------------------------------------

WARN = ["check", "lib/gemm.py", "-D", "M=256", "-D", "N=256", "-D", "K=128", "--target=cuda", "--groups=9"]
names = {row["name"]: row for row in table("warnings")}
check("every warning has a name", "more-than-the-target-has" in names and len(names) == len({r["code"] for r in names.values()}), names)
for name, args, status_wanted, says in (("as it is", [], 0, r"warning\[E0707\]"), ("-Werror", ["-Werror"], 1, r"error\[E0707\]"), ("--werror", ["--werror"], 1, r"error\[E0707\]"), ("-Werror=CODE", ["-Werror=E0707"], 1, r"error\[E0707\]"),
                                        ("-Werror=NAME", ["-Werror=more-than-the-target-has"], 1, r"error\[E0707\]"), ("-Wno-NAME", ["-Wno-more-than-the-target-has"], 0, None), ("-Wno-CODE", ["-Wno-E0707"], 0, None),
                                        ("-Wno wins over -Werror", ["-Werror", "-Wno-E0707"], 0, None), ("-Wno-all", ["-Wno-all"], 0, None), ("-Wno-error=NAME", ["-Werror", "-Wno-error=E0707"], 0, r"warning\[E0707\]"),
                                        ("an unknown name", ["-Wno-more-then-the-target-has"], 2, "did you mean 'more-than-the-target-has'")):
    status, _, err = call(*WARN, *args)
    # a usage error of -W has status 2; a warning that is an error keeps the status of its code
    ok = status == status_wanted or (status_wanted == 1 and status == 2)
    check(f"warnings: {name}", ok and (re.search(says, err) if says else not err), (status, err[:300]))
SLOW = write("slow.py", "import tilelang.language as T\n\n\n@T.prim_func\ndef f(A: T.Tensor((64, 64), 'float32'), B: T.Tensor((64,), 'float32'), I: T.Tensor((64,), 'int32')):\n    with T.Kernel(1, threads=128) as b:\n"
             "        s = T.alloc_shared((64,), 'float32')\n        for i in T.Parallel(64):\n            s[i] = A[I[i], i]\n        for i in T.Parallel(64):\n            B[i] = s[63 - i] + s[i // 3]\n")
_, _, quiet = call("check", SLOW)
status, _, err = call("check", SLOW, "-R")
kinds = set(re.findall(r"remark\[(E\d{4})\]", err))
check("remarks are silent", not quiet, quiet[:200])
check("remarks with -R", status == 0 and kinds, err[:200])
if kinds:
    one = sorted(kinds)[0]
    status, _, err = call("check", SLOW, f"-R{one}")
    check("remarks of one name", status == 0 and set(re.findall(r"remark\[(E\d{4})\]", err)) == {one}, err[:300])
    status, _, err = call("check", SLOW, f"-Werror={one}")
    check("a remark as an error", status == 1 and f"error[{one}]" in err, (status, err[:300]))

# ---- list, help, doctor ------------------------------------------------------------------------

status, out, _ = call("list", "--json", "lib/gemm.py")
kernel = json.loads(out)[0]["kernels"][0]
check("list: a lazy kernel", status == 0 and kernel["name"] == "gemm" and kernel["style"] == "lazy" and [p["name"] for p in kernel["parameters"]][:3] == ["M", "N", "K"]
      and kernel["parameters"][0]["default"] is None and {t["name"] for t in kernel["tensors"]} >= {"A", "B", "C"}, kernel)
eager = write("eager.py", "import tilelang\nimport tilelang.language as T\n\nn = T.dynamic('n')\n\n\n@tilelang.jit\ndef scale(A, block: int = 32, *, factor=2.0):\n    M, N = T.const('M, N')\n    A: T.Tensor((M, N), 'float32')\n"
              "    C = T.empty((M, N), 'float32')\n    with T.Kernel(T.ceildiv(M, block), threads=128) as b:\n        for i, j in T.Parallel(block, N):\n            C[b * block + i, j] = A[b * block + i, j] * factor\n    return C\n\n\n"
              "@T.prim_func\ndef plain(A: T.Tensor((n,), 'float32'), s: T.float32):\n    with T.Kernel(1) as b:\n        for i in T.Parallel(4):\n            A[i] = s\n\n\ndef reference(x):\n    return x * 2\n")
status, out, _ = call("list", "--json", eager)
kernels = {k["name"]: k for k in json.loads(out)[0]["kernels"]}
check("list: eager and plain kernels, nothing else", status == 0 and set(kernels) == {"scale", "plain"} and kernels["scale"]["style"] == "eager" and kernels["plain"]["style"] == "prim_func", out[:300])
check("list: sizes", [s["name"] for s in kernels["scale"]["const"]] == ["M", "N"] and [s["name"] for s in kernels["plain"]["dynamic"]] == ["n"] and not kernels["scale"]["dynamic"], out)
check("list: defaults", {p["name"]: p["default"] for p in kernels["scale"]["parameters"]} == {"block": "32", "factor": "2.0"} and [s["name"] for s in kernels["plain"]["scalars"]] == ["s"], out)
status, out, _ = call("list", "lib")
check("list: a folder", status == 0 and all(f"lib/{f}" in out for f in os.listdir(os.path.join(ROOT, "lib")) if f.endswith(".py") and f != "__init__.py"), out[:300])
status, _, err = call("list", write("nothing.py", "x = 1\n"))
check("list: no kernel", status == 1 and "E0210" in err, err)
status, _, err = call("list", BAD)
check("list: a syntax error", status == 1 and "E0103" in err, err)

for cmd in re.findall(r"^  (\w+)  ", call("--help")[1], re.M):
    status, out, err = call(cmd, "--help")
    check(f"{cmd} --help has examples", status == 0 and "examples:" in out and f"kiln {cmd}" in out.split("examples:")[1] and not err, out[-200:])
    check(f"help {cmd}", call("help", cmd)[1] == out)
    for line in out.split("examples:")[1].splitlines():
        words = line.split()
        if line.startswith("  kiln ") and len(words) > 2 and words[2].startswith("lib") and "|" not in words and ">" not in words and "-o" not in words:
            check(f"the example runs: {line.strip()}", call(*words[1:])[0] == 0, call(*words[1:]))
status, page, _ = call("help", "--man")
check("the manual page", status == 0 and page.startswith(".TH KILN 1") and all(f".SS kiln {c}" in page for c in ("check", "run", "reduce")) and not re.search(r"^\.[a-z]", page, re.M), page[:200])
check("help of no command", call("help", "nonsense")[0] == 2)

status, out, _ = shell(["doctor"])
check("doctor", status in (0, 3) and all(w in out for w in ("C compiler", "glibc", "processor", "NVRTC", "cache folder", "temporary folder")), out[:300])
status, out, _ = shell(["doctor"], {"CC": "false"})
check("doctor: a compiler that does not work", status == 3 and re.search(r"MISSING +C compiler +false: .*status 1", out) and "fix:" in out, out[:300])
status, out, _ = shell(["doctor", "--device=interp"], {"CC": "false"})
check("doctor: what nobody asked for is no failure", status == 0, out[:300])
check("doctor: no such device", shell(["doctor", "--device=abacus"])[0] == 2)
if present("cuda"):
    status, out, _ = shell(["doctor", "--device=cuda"])
    check("doctor: cuda that is not here", status == 3 and "MISSING" in out, out[:300])
rows = json.loads(shell(["doctor", "--json"])[1])
check("doctor --json", {r["item"] for r in rows} >= {"C compiler", "NVRTC"} and all(r["state"] in ("ok", "missing", "note") for r in rows), rows[:2])
status, out, _ = shell(["doctor"], {"XDG_CACHE_HOME": "relative/path"})
check("doctor: a relative XDG_CACHE_HOME is ignored", "is ignored" in out and not os.path.exists(os.path.join(ROOT, "relative")), out[:500])

# ---- compilers and folders that fail -----------------------------------------------------------

ADD = ["lib/add.py", "-D", "M=4", "-D", "N=4"]
if not present("mock"):
    cache = os.path.join(TMP, "cache")
    both = [subprocess.Popen([KILN, "run", *ADD, "--device=mock"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**CLEAN, "XDG_CACHE_HOME": cache}, cwd=ROOT) for _ in range(2)]
    ends = [(p.communicate(timeout=300), p.returncode) for p in both]
    check("two runs at once fill one cache", all(rc == 0 for _, rc in ends), ends)
    status, _, err = shell(["run", *ADD, "--device=mock"], {"XDG_CACHE_HOME": "/dev/null/x"})
    check("a cache that cannot be written", status == 0, err)
for name, args, want in (("-o into a missing folder", ["emit", *ADD, "-o", "no/such/x"], 3), ("--output into a missing folder", ["run", *ADD, "--device=interp", "--output", "C=no/such/c.npy"], 3), ("a full disk", ["emit", *ADD, "-o", "/dev/full"], 3),
                         ("a folder as a program", ["check", "lib"], 2), ("a folder as an input", ["run", *ADD, "--device=interp", "--input", "A=lib/x"], 2), ("no name", ["check", ""], 2), ("-D without a name", ["check", "lib/add.py", "-D", "=3"], 2)):
    status, _, err = call(*args)
    check(f"{name}: status {want}", status == want and re.search(r"\[E07\d\d\]", err), (status, err))
for name, line in (("a closed output", f"'{KILN}' ops >&-"), ("a full output", f"'{KILN}' ops > /dev/full"), ("a full output of emit", f"'{KILN}' emit lib/add.py -D M=4 -D N=4 > /dev/full")):
    r = subprocess.run(["sh", "-c", line], capture_output=True, text=True, cwd=ROOT, timeout=60)
    saw(r.stderr)
    check(f"{name}: status 3", r.returncode == 3 and "E0706" in r.stderr, (r.returncode, r.stderr))
r = subprocess.run(["sh", "-c", f"'{KILN}' ops | head -n 1"], capture_output=True, text=True, cwd=ROOT, timeout=60)
check("a reader that goes away", r.returncode == 0 and not r.stderr, r.stderr)
old = write("keep.py", "old text\n")
status, _, _ = call("emit", "lib/add.py", "-D", "M=oops", "-o", old)
check("a file is not touched when there is nothing to write", status == 1 and open(old).read() == "old text\n")
big = write("big.py", "import tilelang.language as T\n" + "x = 1\n" * 900000)
status, _, err = call("check", big)
check("a text of 5 MB", status == 1 and re.search(r"\[E0\d\d\d\]", err), (status, err[:200]))

# ---- numbers of options ------------------------------------------------------------------------

for args in (["--stages=0"], ["--stages=-1"], ["--groups=0"], ["--groups=99999"], ["--stages=x"], ["--groups="]):
    status, _, err = call("check", *ADD, *args)
    check(f"{args[0]} is refused", status == 2 and "E0701" in err, (status, err))
for spec, dtype in (("perm", "int8"), ("ragged(300)", "uint8"), ("range(-3,300)", "uint8"), ("range(0,1e9)", "float16"), ("topk(1000)", "int8"), ("ragged(1.5)", "int32"), ("topk(99999999999)", "int32"), ("ragged(-1)", "int32")):
    path = write(f"spec_{dtype}.py", f"import tilelang.language as T\n\n\n@T.prim_func\ndef same(x: T.Tensor((1000,), \"{dtype}\"), y: T.Tensor((1000,), \"{dtype}\")):\n    with T.Kernel(1) as b:\n        for i in T.Parallel(1000):\n            y[i] = x[i]\n")
    status, out, err = call("run", path, "--device=interp", "--input", f"x={spec}")
    check(f"{spec} of {dtype} is refused", status == 2 and "E0701" in err and not out, (status, err))
check("--seed=-1 is refused", call("run", *ADD, "--device=interp", "--seed=-1")[0] == 2)

# ---- rounding of array files -------------------------------------------------------------------

np.save(os.path.join(TMP, "wide.npy"), np.full((4, 4), 1 / 3))
np.save(os.path.join(TMP, "exact.npy"), np.full((4, 4), 0.25))
RUN = ["run", *ADD, "--device=interp", "--input"]
status, _, err = call(*RUN, f"A={TMP}/wide.npy")
check("float64 that must be rounded is told", status == 0 and re.search(r"warning\[E0708\].*16 of 16 values", err), err)
check("float64 that need not be rounded", call(*RUN, f"A={TMP}/exact.npy")[2] == "")
check("rounding as an error", call(*RUN, f"A={TMP}/wide.npy", "-Werror=values-rounded")[0] == 2)
check("rounding not told", call(*RUN, f"A={TMP}/wide.npy", "-Wno-E0708")[2] == "")

# ---- diff tells the place ----------------------------------------------------------------------

LOOP = write("loop.py", "import tilelang.language as T\n\nn = T.dynamic('n')\n\n\n@T.prim_func\ndef f(A: T.Tensor((n, 40), 'float32'), B: T.Tensor((n, 40), 'float32')):\n    with T.Kernel(T.ceildiv(n, 8), threads=128) as b:\n        for k in T.serial(2):\n"
             "            for i, j in T.Parallel(8, 20):\n                if k == 0:\n                    B[b * 8 + i, k * 20 + j] = A[b * 8 + i, j]\n                else:\n                    B[b * 8 + i, k * 20 + j] = T.sigmoid(A[b * 8 + i, j]) * 3.1\n")
if not present("cpu"):
    status, out, _ = call("diff", LOOP, "-D", "n=30", "--device=interp,cpu", "--atol=0", "--rtol=0")
    saw(out)
    first = re.search(r"first B\[(\d+), (\d+)\]", out)
    where = re.search(r"block b=(\d+), iteration k=(\d+), i=(\d+), j=(\d+)", out)
    check("diff: the block and the iteration", status == 5 and first and where and (int(where[1]) * 8 + int(where[3]), int(where[2]) * 20 + int(where[4])) == (int(first[1]), int(first[2])), out)
    check("diff: the source line", "loop.py:14:21: error[E0705]" in out and "T.sigmoid" in out and "^" in out, out)
    check("diff: values, error, bound, count", re.search(r"DIFFERS .*\d+ of 1200 elements, first .*: [-\d.e]+, on interp [-\d.e]+; \|x - y\| [-\d.e]+, bound 0", out), out)
    gemm = ["diff", "lib/gemm.py", "-D", "M=96", "-D", "N=64", "-D", "K=64", "-D", "BM=32", "-D", "BN=32", "-D", "BK=32", "-D", "dtype=float32", "-D", "act=silu", "--device=interp,cpu", "--atol=0", "--rtol=0"]
    status, out, _ = call(*gemm)
    first = re.search(r"first C\[(\d+), (\d+)\]", out)
    tile = re.search(r"block (.*); element \[(\d+), (\d+)\] of the tile C\[(\d+):(\d+), (\d+):(\d+)\]", out)
    check("diff: the tile", status == 5 and first and tile and int(tile[4]) + int(tile[2]) == int(first[1]) and int(tile[6]) + int(tile[3]) == int(first[2])
          and int(tile[5]) - int(tile[4]) == 32 and f"by={int(first[1]) // 32}" in tile[1] and f"bx={int(first[2]) // 32}" in tile[1], out)
    status, _, err = call(*gemm, "--diagnostics=json")
    check("diff: as JSON", status == 5 and json.loads(err.splitlines()[-1])["code"] == "E0705", err[:300])
    check("diff: bounds are checked before anything runs", call(*gemm[:-2], "--atol=x")[1] == "" and call(*gemm[:-2], "--rtol=-1")[0] == 2 and call("diff", *ADD, "--device=interp,,cpu")[1] == "")

# ---- reduce ------------------------------------------------------------------------------------

LONG = write("long.py", open(os.path.join(ROOT, "lib/gemm.py")).read().replace("B_s = T.alloc_shared((BK", "B_s = T.alloc_shared((BK + 16"))
SIZES = ["-D", "M=256", "-D", "N=256", "-D", "K=256"]
status, _, err = call("check", LONG, *SIZES)
check("a program to reduce", status == 1 and "share K" in err, err[:300])
status, small, note = call("reduce", LONG, *SIZES)
path = write("small.py", small)
check("reduce: much smaller", status == 0 and 0 < len(small) < 0.4 * os.path.getsize(LONG), (status, len(small), note))
again = call("check", path, *SIZES)
check("reduce: fails in the same way", again[0] == 1 and "E0304" in again[2] and "share K" in again[2], again[2][:300])
status, same, _ = call("reduce", LONG, "--", KILN, "check", "{}", *SIZES)
check("reduce: with a command", status == 0 and same == small, same)
status, _, note = call("reduce", LONG, f"--oracle='{KILN}' check {' '.join(SIZES)}", "-o", os.path.join(TMP, "out.py"), timeout=300)
check("reduce: with a shell command, into a file", status == 0 and open(os.path.join(TMP, "out.py")).read() == small, note)
status, out, _ = call("reduce", write("syntax.py", "import tilelang.language as T\n\n\ndef f(x):\n    return x\n\n\ny = [1, 2\nprint(3)\n"))
check("reduce: what is no program", status == 0 and 0 < len(out) < 12 and "E0103" in call("check", write("r.py", out))[2], repr(out))
status, _, err = call("reduce", "lib/add.py", "-D", "M=4", "-D", "N=4")
check("reduce: what does not fail", status == 2 and "does not fail" in err, err)
status, out, note = call("reduce", LONG, *SIZES, "--steps=3")
check("reduce: a bound of steps", status == 0 and "stopped before the end" in note and len(out) <= os.path.getsize(LONG) * 1.2, note)
check("reduce: no file", call("reduce", "no/such.py")[0] == 2)
status, _, err = call("reduce", LONG, "--oracle=false", "--", "false")
check("reduce: one oracle", status == 2, err)

# ---- check and targets -------------------------------------------------------------------------

THREADS = write("threads.py", "import tilelang.language as T\n\n\n@T.prim_func\ndef f(A: T.Tensor((128,), 'float32'), B: T.Tensor((128,), 'float32')):\n    with T.Kernel(1, threads=128) as b:\n        t = T.get_thread_binding(0)\n"
                "        s = T.alloc_shared((128,), 'float32')\n        s[t] = A[t]\n        T.sync_threads()\n        B[t] = s[127 - t]\n")
refused = [t["target"] for t in table("targets") if re.search(r"(todo|unsupported)\[E0\d\d\d\]", call("check", THREADS, "--target", t["target"])[2])]
status, _, err = call("check", THREADS)
check("what a target cannot do is no mistake of the program", status == 0 and not err, (status, err[:300]))
status, _, err = call("check", THREADS, "-R")
check("and a remark tells it", status == 0 and all(f"what '{t}' cannot do" in err for t in refused), (refused, err[:300]))

report.done()
