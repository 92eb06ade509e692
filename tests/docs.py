"""What README.md and docs/ show is true: every line `$ kiln ...` in a console block is run and must print what stands below it. A line of
"..." stands for any lines; numbers of seconds and of operations a second may differ. `$ make ...` and other lines are not run.
docs/language.md and docs/kiln.1 are what the command prints from its tables.
UPDATE=1 writes what is printed into the blocks, where they have no "...", and the two pages anew."""
import glob, os, re, shlex
from kiln import ROOT, Report, call


def blocks(path):
    """(line number, command, expected lines)"""
    out, inside, command = [], False, None
    for n, line in enumerate(open(path).read().split("\n"), 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
            command = None
        elif inside and line.startswith("$ "):
            command = (n, line[2:], [])
            out.append(command)
        elif inside and command:
            command[2].append(line)
    return out


def loosen(line):
    line = re.sub(r"\b[\d.e+-]+ s\b", "<seconds> s", line.rstrip())
    return re.sub(r"\b[\d.e+-]+ GFLOP/s", "<rate> GFLOP/s", line)


def matches(want, got):
    """lines against lines; "..." matches any number of them"""
    if not want:
        return not got
    if want[0].strip() == "...":
        return any(matches(want[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and loosen(want[0]) == loosen(got[0]) and matches(want[1:], got[1:])


def check(command, want):
    words = shlex.split(command)
    status, out, err = call(*words[1:])
    got = (out + err).rstrip("\n").split("\n") if out + err else []
    while want and not want[-1].strip():
        want = want[:-1]
    if matches(want, got):
        return None
    first = next((f"line {i + 1}: documented {w!r}, printed {g!r}" for i, (w, g) in enumerate(zip(want, got)) if loosen(w) != loosen(g) and w.strip() != "..."),
                 f"{len(want)} lines documented, {len(got)} printed")
    return f"status {status}; {first}"


def update(path):
    """what the commands print, in place of what stands below them"""
    lines, found = open(path).read().split("\n"), blocks(path)
    for n, command, want in reversed(found):
        if runs(command) and not any(w.strip() == "..." for w in want) and check(command, want):
            _, out, err = call(*shlex.split(command)[1:])
            lines[n:n + len(want)] = (out + err).rstrip("\n").split("\n") + ([""] if want and not want[-1].strip() else [])
    open(path, "w").write("\n".join(lines))


def runs(command):
    return command.startswith("kiln ") and "|" not in command and "<" not in command and ">" not in command


PAGES = {"docs/language.md": ["ops", "--doc"], "docs/kiln.1": ["help", "--man"]}


def main():
    report = Report()
    for page, words in PAGES.items():
        path, (status, out, err) = os.path.join(ROOT, page), call(*words)
        if os.environ.get("UPDATE") and status == 0:
            open(path, "w").write(out)
        there = open(path).read() if os.path.exists(path) else ""
        report.check(f"{page} is what `kiln {' '.join(words)}` prints", None if status == 0 and out == there else "it is old: UPDATE=1 python3 tests/docs.py " + err)
    for path in sorted(glob.glob(os.path.join(ROOT, "*.md")) + glob.glob(os.path.join(ROOT, "docs/*.md"))):
        name = os.path.relpath(path, ROOT)
        if os.environ.get("UPDATE"):
            update(path)
        text = open(path).read()
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            there = os.path.exists(os.path.join(os.path.dirname(path), target))
            report.check(f"{name}: link to {target}", None if there else "leads nowhere")
        for line, command, want in blocks(path):
            if runs(command):
                report.check(f"{name}:{line}: {command}", check(command, want))
    report.done()


if __name__ == "__main__":
    main()
