"""How much the references see: programs of the manifest with one thing changed, run on the same inputs. A mutant is killed when it is refused, stops with an
error, or its outputs are out of bounds. What survives is printed: it is the same program in other words (a softmax may be shifted by any number), or a
setting or a bound that is too weak.

    mutants.py [N] [SEED] [PATTERN]...      N mutants of each row, 3; of the rows whose first small setting is right"""
import ast, concurrent.futures, copy, os, random, sys, tempfile
import numpy as np
import manifest, public, run
from kiln import TMP, call, decode

SWAP = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
        ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr}
CALL = {"T.min": "T.max", "T.max": "T.min", "T.reduce_max": "T.reduce_sum", "T.reduce_sum": "T.reduce_max", "T.exp2": "T.exp", "T.log2": "T.log"}
QUIET = ("out", "num_stages", "threads", "policy", "scope", "panel_size")


def places(tree):
    """(what, function that changes a copy's node in place), by the node's place in ast.walk"""
    out = []
    # where a region ends: the tile on the other side says how much is copied
    ends = {id(n) for s in ast.walk(tree) if isinstance(s, ast.Slice) and s.upper for n in ast.walk(s.upper)}
    for k, node in enumerate(ast.walk(tree)):
        if id(node) in ends:
            continue
        if isinstance(node, ast.BinOp) and type(node.op) in SWAP:
            out.append((k, "operator"))
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAP:
            out.append((k, "comparison"))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in CALL:
            out.append((k, "call"))
        elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool) and node.arg not in QUIET:
            out.append((k, "flag"))
        elif isinstance(node, (ast.For, ast.With, ast.If)) and len(node.body) > 1:
            for i, s in enumerate(node.body):
                if isinstance(s, (ast.Expr, ast.AugAssign)) or isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Subscript) or isinstance(s, ast.For):
                    out.append((k, f"drop {i}"))
        elif isinstance(node, ast.IfExp):
            out.append((k, "branches"))
    return out


def mutant(tree, place):
    """(text, what was changed)"""
    tree = copy.deepcopy(tree)
    node = list(ast.walk(tree))[place[0]]
    line, before = getattr(node, "lineno", 0), ast.unparse(node)[:70]
    what = place[1]
    if what == "operator":
        node.op = SWAP[type(node.op)]()
    elif what == "comparison":
        node.ops[0] = SWAP[type(node.ops[0])]()
    elif what == "call":
        node.func = ast.parse(CALL[ast.unparse(node.func)], mode="eval").body
    elif what == "flag":
        node.value.value = not node.value.value
    elif what == "branches":
        node.body, node.orelse = node.orelse, node.body
    else:
        i = int(what.split()[1])
        before, line = ast.unparse(node.body[i])[:70], node.body[i].lineno
        del node.body[i]
        return "# stage: tile\n" + ast.unparse(tree) + "\n", f"line {line}: without {before}".replace("\n", " ")
    return "# stage: tile\n" + ast.unparse(tree) + "\n", f"line {line}: {before} -> {ast.unparse(node)[:70]}".replace("\n", " ")


def trial(row, examples, n, seed):
    """(killed, [what survived])"""
    if not row.small or row.tables:
        return 0, []
    setting = row.small[0]
    folder = tempfile.mkdtemp(dir=TMP)
    path = os.path.join(examples, row.file)
    try:
        text = run.prepared(path, row, setting, folder)[2]
        run.small(os.path.join(examples, row.file), row, setting, "interp")
    except (run.Wrong, OSError):
        return 0, []
    params = {p.name: p for p in run.interface(text, setting)}
    given, seen = run.inputs_of(row, setting, list(params.values()), ())
    want = manifest.function(row.ref)({k: v.copy() if hasattr(v, "copy") else v for k, v in seen.items()}, {**(row.module or {}), **setting})
    want = want[0] if isinstance(want, tuple) else want
    args = ["--device=interp"]
    opened = [k for k in setting if f'T.dynamic("{k}")' in text]
    for k in opened:
        args += ["-D", f"{k}={setting[k]}"]
    for name, value in given.items():
        file = os.path.join(folder, name + ".npy")
        if params[name].shape is not None:
            np.save(file, value)
        args += ["--input", f"{name}={value if params[name].shape is None else file}"]
    tree = ast.parse(text)
    killed, alive = 0, []
    all_places = places(tree)
    for k, place in enumerate(random.Random(f"{seed} {row.name}").sample(all_places, min(n, len(all_places)))):
        changed, what = mutant(tree, place)
        file = os.path.join(folder, f"m{k}.py")
        open(file, "w").write(changed)
        outs = {x: os.path.join(folder, f"m{k}.{x}.npy") for x in want}
        status, _, err = call("run", file, *args, *[w for x, f in outs.items() for w in ("--output", f"{x}={f}")], timeout=60)
        if status not in (0, 1, 3, 124):
            alive.append(f"STATUS {status}: {what}: {err[:200]}")
        elif status == 0 and not any(run.judge(x, decode(np.load(f), params[x].dtype), want[x], params[x].dtype)[2] for x, f in outs.items()):
            alive.append(what)
        else:
            killed += 1
    return killed, alive


def main():
    words = sys.argv[1:]
    n = int(words.pop(0)) if words and words[0].isdigit() else 3
    seed = int(words.pop(0)) if words and words[0].isdigit() else 1
    home, why = public.folder()
    if not home:
        print(f"SKIP mutants: {why}\n0 passed, 0 failed, 1 skipped")
        return
    examples = os.path.join(home, "examples")
    rows = [r for r in manifest.rows() if not words or any(w in r.name or w in r.ref for w in words)]
    killed = total = bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for row, (dead, alive) in zip(rows, pool.map(lambda r: trial(r, examples, n, seed), rows)):
            killed += dead
            total += dead + len(alive)
            for what in alive:
                bad += what.startswith("STATUS")
                print(("FAIL " if what.startswith("STATUS") else "alive ") + f"{row.name}\n    {what}")
    share = killed / max(total, 1)
    print(f"{total} mutants, {killed} killed: {100 * share:.1f} %")
    print(f"{killed} passed, {bad + (share < 0.75)} failed")
    sys.exit(1 if bad or share < 0.75 else 0)


if __name__ == "__main__":
    main()
