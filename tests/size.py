"""Code lines by folder: what is neither blank nor comment, of what the product is made of. Texts that the library carries (preludes, the mock of a chip)
and the library of programs are counted apart."""
import glob, os, re

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AIM = 30000        # of which the product should be made


def lines(path):
    text = open(path, errors="replace").read()
    if path.endswith(".py"):
        return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))
    text = re.sub(r'("(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\')|/\*.*?\*/|//[^\n]*', lambda m: m.group(1) or "", text, flags=re.S)
    return sum(1 for line in text.splitlines() if line.strip())


def main():
    size, carried = {}, {}
    for path in glob.glob(os.path.join(ROOT, "src", "**", "*"), recursive=True) + glob.glob(os.path.join(ROOT, "include", "*.h")):
        if not path.endswith((".c", ".h", ".def", ".cuh", ".hpp")):
            continue
        name = os.path.relpath(path, ROOT)
        into, folder = size, os.path.dirname(name)
        if "/mock/" in name or "prelude." in name and not name.endswith("prelude.c"):
            into, folder = carried, "carried: " + "/".join(name.split("/")[:3])
        into[folder] = into.get(folder, 0) + lines(path)
    carried["carried: lib"] = sum(lines(p) for p in glob.glob(os.path.join(ROOT, "lib", "*.py")))
    for folder, n in sorted(size.items()) + sorted(carried.items()):
        print(f"     {n:6d}  {folder}")
    total = sum(size.values())
    print(f"     {total:6d}  code lines in all (aim: {AIM}); {sum(carried.values())} carried as texts")


if __name__ == "__main__":
    main()
