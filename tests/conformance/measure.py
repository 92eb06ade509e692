"""What a small setting puts a kernel through, measured on its tile program: into how many tiles each dimension of a parameter falls and what is left
over, and how often each loop that is not parallel ran: never, once, more. Nothing here is declared by hand.

    tiles(text, sizes)      {(tensor, dimension): (its size, the size of a tile)}, only what is cut into tiles or is smaller than one
    trips(text)             {loop: set of "0", "1", "more"} when the text alone tells, else None
    counting(text)          (the program with one more parameter, in which its loops count themselves; the loops' names)

The tile program is what `kiln emit --emit=tile` writes, which Python's own parser reads. A loop goes by the name of its variable."""
import ast, itertools, re

COUNTED = {"T.serial", "T.Pipelined", "T.Persistent", "range"}
SPREAD = {"T.Parallel", "T.vectorized", "T.unroll"}
CLASSES = ("0", "1", "more")
COUNTER = "trips_"


def called(node):
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def loop_name(node):
    """k2 is the dump's second k: one name for what a program says once"""
    return re.sub(r"\d+$", "", ast.unparse(node.target)) or ast.unparse(node.target)


def bounds(node):
    """(start or None, stop) of a counted loop"""
    a = node.iter.args
    return (a[0], a[1]) if len(a) > 1 else (None, a[0])


def counted(node):
    return isinstance(node, ast.For) and called(node.iter) in COUNTED


def kind(n):
    return CLASSES[min(max(n, 0), 2)]


def constant(node):
    """how often a counted loop runs if the text says it in numbers"""
    try:
        start, stop = bounds(node)
        return ast.literal_eval(stop) - (ast.literal_eval(start) if start else 0)
    except ValueError:
        return None


def trips(text):
    seen = {}

    def walk(statements):
        for s in statements:
            n = constant(s) if counted(s) else 1
            if n is None or isinstance(s, (ast.While, ast.If)) and any(counted(x) for x in ast.walk(s)):
                return False
            if counted(s):
                seen.setdefault(loop_name(s), set()).add(kind(n))
            if n > 0 and not isinstance(s, ast.If) and not walk(getattr(s, "body", [])):
                return False
        return True

    return seen if walk(ast.parse(text).body) else None


class Counting(ast.NodeTransformer):
    """before each counted loop: how often will it run"""
    def __init__(self):
        self.names = []

    def visit_For(self, node):
        self.generic_visit(node)
        if not counted(node):
            return node
        start, stop = bounds(node)
        extent = ast.BinOp(stop, ast.Sub(), start) if start else stop
        row, e = len(self.names), ast.unparse(extent)
        self.names.append(loop_name(node))
        add = lambda k: f"T.atomic_add({COUNTER}[{row}, {k}], 1)"
        one = f"if {e} > 1:\n    {add(2)}\nelse:\n    if {e} > 0:\n        {add(1)}\n    else:\n        {add(0)}"
        return ast.parse(one).body + [node]


def counting(text):
    tree, change = ast.parse(text), Counting()
    tree = change.visit(tree)
    f = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    f.args.args.append(ast.arg(COUNTER, ast.parse(f'T.Tensor(({max(len(change.names), 1)}, 3), "int32")', mode="eval").body))
    head = text.split("\n", 1)[0]           # the comment that says what it is: read as a tile program, not as what somebody wrote
    return f"{head}\n{ast.unparse(ast.fix_missing_locations(tree))}\n", change.names


def seen_of(names, counts):
    seen = {}
    for name, row in zip(names, counts):
        seen.setdefault(name, set()).update(c for c, n in zip(CLASSES, row) if n)
    return seen


# ---- tiles ----------------------------------------------------------------------------------------

class Reader:
    """indices of a tile program as numbers: what is loaded counts as 0, since only the width of an access is asked for"""
    FUNCTIONS = {"T.min": min, "T.max": max, "T.cast": lambda x, t=None: x, "T.if_then_else": lambda c, a, b: a if c else b, "T.abs": abs}

    def __init__(self, env):
        self.env = env

    def value(self, node):
        v = self.value
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, (int, float)) else 0
        if isinstance(node, ast.Name):
            return self.env.get(node.id, 0)
        if isinstance(node, ast.BinOp):
            a, b = v(node.left), v(node.right)
            if isinstance(node.op, (ast.FloorDiv, ast.Mod, ast.Div)) and b == 0:
                return 0
            code = compile(ast.fix_missing_locations(ast.Expression(ast.BinOp(ast.Constant(a), node.op, ast.Constant(b)))), "index", "eval")
            return eval(code)
        if isinstance(node, ast.UnaryOp):
            x = v(node.operand)
            return -x if isinstance(node.op, ast.USub) else (not x) if isinstance(node.op, ast.Not) else ~x
        if isinstance(node, ast.Call):
            name = called(node)
            if name in self.FUNCTIONS:
                return self.FUNCTIONS[name](*[v(a) for a in node.args])
            return v(node.args[0]) if name.startswith("T.") and node.args else 0
        return 0        # loads, comparisons


def ends(n):
    return (0,) if n <= 1 else (0, n - 1)


class Tiles(ast.NodeVisitor):
    def __init__(self, shapes, env):
        self.shapes, self.env, self.spread, self.widths = shapes, dict(env), {}, {}

    def visit_With(self, node):
        saved = dict(self.spread)
        for item in node.items:
            for key in getattr(item.context_expr, "keywords", []):
                if key.arg == "threads":
                    sizes = key.value.elts if isinstance(key.value, ast.Tuple) else [key.value]
                    self.threads = [Reader(self.env).value(s) for s in sizes]
        self.generic_visit(node)
        self.spread = saved

    def visit_For(self, node):
        names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
        saved = dict(self.spread)
        if called(node.iter) in SPREAD:
            for name, a in zip(names, node.iter.args):
                self.spread[name] = Reader(self.env).value(a)
        self.generic_visit(node)
        self.spread = saved

    def visit_Assign(self, node):
        if isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if called(node.value) == "T.make_tensor":
                self.shapes = {**self.shapes, name: ast.literal_eval(node.value.args[1])}
            elif called(node.value) == "T.get_thread_binding":
                at = Reader(self.env).value(node.value.args[0]) if node.value.args else 0
                self.spread[name] = self.threads[at] if at < len(self.threads) else 1
            elif any(isinstance(n, ast.Name) and n.id in self.spread for n in ast.walk(node.value)):
                self.spread[name] = node.value
            else:
                self.env[name] = Reader(self.env).value(node.value)
        self.generic_visit(node)

    def visit_Subscript(self, node):
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name in self.shapes:
            at = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for d, index in enumerate(at):
                self.widths[name, d] = max(self.widths.get((name, d), 0), self.width(index))
        self.generic_visit(node)

    def width(self, index):
        if isinstance(index, ast.Slice):
            low, high = (Reader(self.env).value(x) if x else 0 for x in (index.lower, index.upper))
            return high - low
        return self.reach(index)

    def reach(self, index):
        names, values = set(), {}

        def gather(node):
            for n in ast.walk(node):
                if isinstance(n, ast.Name) and n.id in self.spread and n.id not in names:
                    names.add(n.id)
                    if not isinstance(self.spread[n.id], int):
                        gather(self.spread[n.id])

        gather(index)
        base = [n for n in names if isinstance(self.spread[n], int)]
        lets = [n for n in self.spread if n in names and n not in base]
        got = []
        for corner in itertools.product(*[ends(self.spread[n]) for n in base]):
            env = {**self.env, **dict(zip(base, corner))}
            for n in lets:
                env[n] = Reader(env).value(self.spread[n])
            got.append(Reader(env).value(index))
        return int(max(got) - min(got)) + 1 if got else 1


def tiles(text, shapes, env):
    """shapes: of the tensors among the parameters; env: open sizes and scalars"""
    tree = ast.parse(text)
    look = Tiles(shapes, env)
    look.visit(tree)
    return {(name, d): (look.shapes[name][d], w) for (name, d), w in sorted(look.widths.items()) if w > 1 and d < len(look.shapes[name])}


def lacking(settings):
    """of a row's settings, (tiles, loops) each: the dimensions that were never two tiles and a remainder, the trip counts that its loop with the most kinds
    of them never had, and whether there is anything to tile and any loop. What is always exactly one tile is not cut by the program."""
    free, kept, loops = {}, set(), {}
    for cut, seen in settings:
        for at, (n, w) in cut.items():
            free.setdefault(at, False)
            kept |= {at} if n != w else set()
            free[at] |= n > w and n % w != 0
        for name, counts in seen.items():
            loops.setdefault(name, set()).update(counts)
    best = max(loops.values(), key=len, default=set())
    return [f"{name}.{d}" for (name, d), good in free.items() if (name, d) in kept and not good], [c for c in CLASSES if c not in best], bool(kept), bool(loops)
