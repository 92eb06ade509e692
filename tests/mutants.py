"""Damaged programs: tokens left out, doubled, swapped or replaced, indentation shifted, brackets and quotes unbalanced, texts cut off. Python's own
`ast` is the judge: what it rejects our parser must reject with a syntax error (E01xx), and what Python compiles we may not call a syntax error.
The programs are the public examples (tests/conformance/public.py) and our own; all mutants go through one process (tests/tools/syntax.c).

Where the judge is older than Python 3.12, whose grammar we read: an f-string may hold its own quotes, backslashes and lines from 3.12 on, so a
refusal inside of an f-string is not held against us (counted as "left open"); what 3.12 added besides (type statements, type parameters) no mutant makes."""
import ast, glob, io, keyword, os, random, subprocess, sys, tokenize, warnings
sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "conformance")]
from kiln import ALL, ROOT, Report
import public

WANTED = 20000 if ALL else 3000          # mutants that Python rejects
OPERATORS = "+ - * / // % @ ** & | ^ ~ << >> < > <= >= == != = += -= : := , ; . -> ( ) [ ] { } ...".split()
SYNTAX = {f"E01{k:02d}" for k in range(1, 9)}
warnings.simplefilter("ignore")


# ---- mutations: text and its tokens -> text ------------------------------------------------------

class Program:
    def __init__(self, path, text):
        self.path, self.text = path, text
        lines = text.splitlines(keepends=True)
        start = [0]
        for line in lines:
            start.append(start[-1] + len(line))
        skip = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT, tokenize.ENCODING)
        self.tokens = [(start[t.start[0] - 1] + t.start[1], start[t.end[0] - 1] + t.end[1], t.string)
                       for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in skip]
        self.lines = [k for k, line in enumerate(lines) if line.strip()]
        self.start = start


def put(p, at, end, new):
    return p.text[:at] + new + p.text[end:]


def delete(p, r):
    at, end, _ = r.choice(p.tokens)
    return put(p, at, end, "")


def duplicate(p, r):
    at, _, s = r.choice(p.tokens)
    return put(p, at, at, s + " ")


def swap_next(p, r):
    k = r.randrange(len(p.tokens) - 1)
    (a, b, s), (c, d, t) = p.tokens[k], p.tokens[k + 1]
    return p.text[:a] + t + p.text[b:c] + " " + s + p.text[d:]


def swap_any(p, r):
    i, k = sorted(r.sample(range(len(p.tokens)), 2))
    (a, b, s), (c, d, t) = p.tokens[i], p.tokens[k]
    return p.text[:a] + t + p.text[b:c] + s + p.text[d:]


def replace(p, r):
    at, end, s = r.choice(p.tokens)
    pool = keyword.kwlist if keyword.iskeyword(s) or r.random() < 0.3 else OPERATORS
    return put(p, at, end, " " + r.choice(pool) + " ")


def insert(p, r):
    at, _, _ = r.choice(p.tokens)
    return put(p, at, at, r.choice(["$", "?", "!", "`", "\\", "'", '"', "'''", "0x", "1_", "01", "1e", "0b2", ")", "]", "}", "(", "[", "{", ",", ";", "*", "**", "=", "lambda", "def",
                                    "\f", "\u00a0", "\u200b", "\u2212", "e\u0301", "3x", "..", "<>"]))


def indent(p, r):
    at = p.start[r.choice(p.lines)]
    depth = len(p.text[at:]) - len(p.text[at:].lstrip(" "))
    return put(p, at, at, " " * r.randint(1, 5)) if r.random() < 0.5 or not depth else put(p, at, at + r.randint(1, min(depth, 5)), r.choice(["", "\t"]))


def join_lines(p, r):
    end = p.start[r.choice(p.lines) + 1]
    return put(p, end - 1, end, " ")


def bracket(p, r):
    found = [t for t in p.tokens if t[2] in "()[]{}"]
    if not found:
        return delete(p, r)
    at, end, _ = r.choice(found)
    return put(p, at, end, r.choice(["", "(", ")", "[", "]", "{", "}", "))", "(("]))


def quote(p, r):
    found = [t for t in p.tokens if t[2][-1:] in "'\""]
    if not found:
        return delete(p, r)
    at, end, s = r.choice(found)
    return put(p, end - 1, end, "") if r.random() < 0.5 else put(p, at, end, s[:-1] + r.choice(["\\", "\n", "'", '"', "{", "}"]) + s[-1])


def cut(p, r):
    at, end, _ = r.choice(p.tokens)
    return p.text[:r.choice([at, end])]


KINDS = [delete, duplicate, swap_next, swap_any, replace, insert, indent, join_lines, bracket, quote, cut]


# ---- judges --------------------------------------------------------------------------------------

def judge(text):
    """'rejected', 'accepted', or 'open' where this Python cannot tell; and why"""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as e:
        why = str(e)
        lines = text.splitlines()
        at = getattr(e, "lineno", None) or 0
        near = "\n".join(lines[max(at - 3, 0):at + 1])
        in_fstring = "f-string" in why or any(q in near for q in ("f'", 'f"', "F'", 'F"'))
        return ("open" if in_fstring and sys.version_info < (3, 12) else "rejected"), why
    except (RecursionError, MemoryError) as e:
        return "open", str(e)
    try:
        compile(text, "m", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as e:
        return "open", str(e)              # right grammar, refused later: a return outside of a function
    return "accepted", ""


def ours(tool, texts):
    blob = b"".join(b"%d\n%s" % (len(t), t) for t in (text.encode("utf-8", "surrogatepass") for text in texts))
    r = subprocess.run([tool], input=blob, capture_output=True, timeout=600)
    answers = r.stdout.decode().splitlines()
    if r.returncode or len(answers) != len(texts):
        at = min(len(answers), len(texts) - 1)
        raise SystemExit(f"FAIL the parser ended with status {r.returncode} at mutant {at}:\n{texts[at][-2000:]}\n0 passed, 1 failed, 0 skipped")
    return answers


def programs(report):
    files = glob.glob(os.path.join(ROOT, "lib/*.py")) + glob.glob(os.path.join(ROOT, "examples/*.py")) + glob.glob(os.path.join(ROOT, "tests/run/*.py"))
    home, why = public.folder()
    if home:
        files += glob.glob(os.path.join(home, "examples/**/*.py"), recursive=True)
    else:
        report.skip(f"mutants of the public examples: {why}")
    out = []
    for path in sorted(files):
        text = open(path, encoding="utf-8").read()
        if len(text) < 16384 and "\r" not in text:
            out.append(Program(os.path.relpath(path, home if home and path.startswith(home) else ROOT), text))
    return out


def main():
    report = Report()
    B = os.environ.get("B", "build")
    subprocess.run(["sh", "tests/tools/build.sh", "syntax"], cwd=ROOT, check=True, env={**os.environ, "B": B})
    tool = os.path.join(ROOT, B, "test", "syntax")
    base, r = programs(report), random.Random(12)
    whole = ours(tool, [p.text for p in base])
    bad = [f"{p.path}: {a}" for p, a in zip(base, whole) if a != "ok"]
    report.check(f"{len(base)} programs as they are", "\n".join(bad))
    count = {"rejected": 0, "accepted": 0, "open": 0}
    missed, refused, uncoded = {k.__name__: [] for k in KINDS}, {k.__name__: [] for k in KINDS}, []
    while count["rejected"] < WANTED:
        batch = []
        for _ in range(500):
            p, kind = r.choice(base), r.choice(KINDS)
            text = kind(p, r)
            verdict, why = judge(text)
            count[verdict] += 1
            batch.append((p, kind.__name__, text, verdict, why))
        for (p, kind, text, verdict, why), answer in zip(batch, ours(tool, [b[2] for b in batch])):
            codes = {word.split(":")[0] for word in answer.split()} - {"ok"}
            if not codes <= SYNTAX:
                uncoded.append(f"{p.path} by {kind}: {answer}")
            if verdict == "rejected" and answer == "ok":
                missed[kind].append(show(p, text, why))
            if verdict == "accepted" and answer != "ok":
                refused[kind].append(show(p, text, answer))
    for kind in missed:
        report.check(f"rejected: by {kind}", "\n".join(missed[kind][:5]) and f"{len(missed[kind])} accepted by us:\n" + "\n".join(missed[kind][:5]))
        report.check(f"accepted: by {kind}", "\n".join(refused[kind][:5]) and f"{len(refused[kind])} refused by us:\n" + "\n".join(refused[kind][:5]))
    report.check("every refusal has a code of the syntax", "\n".join(uncoded[:5]))
    n, m = sum(map(len, missed.values())), sum(map(len, refused.values()))
    print(f"of {sum(count.values())} mutants Python {sys.version_info[0]}.{sys.version_info[1]} rejects {count['rejected']}, we {count['rejected'] - n} of these; "
          f"Python compiles {count['accepted']}, we {count['accepted'] - m} of these; {count['open']} left open")
    report.done()


def show(p, text, why):
    """the first line that differs"""
    a, b = p.text.splitlines(), text.splitlines()
    k = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)) - 1)
    return f"{p.path}:{k + 1}: {why}\n    {b[k] if k < len(b) else ''}\n    {b[k + 1] if k + 1 < len(b) else ''}"


if __name__ == "__main__":
    main()
