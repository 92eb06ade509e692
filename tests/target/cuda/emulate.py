"""Runs the text of the cuda target on the host (emulator/) and compares it with the references of programs.py: what a GPU would be
needed for otherwise. The text stays as it is, but for the functions of the prelude that are instructions, and the assembly of WGMMA,
whose steps are read from it. Arguments: names of programs; none: all."""
import ast, os, re, shutil, subprocess, sys, tempfile
import numpy as np
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
from corpus import programs, title
from kiln import ALL, ROOT, TMP, Failure, Report, call, close, decode, encode

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "emulator")
CXX = os.environ.get("CXX", "g++")
BYTES = {"bool": 1, "int8": 1, "uint8": 1, "float8_e4m3fn": 1, "float8_e5m2": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2,
         "int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8}


# ---- the program: parameters, temporaries, sizes ------------------------------------------------

def evaluate(node, env):
    return eval(compile(ast.Expression(node), "", "eval"), {"T": Dialect, "min": min, "max": max}, dict(env))


class Dialect:
    min, max = min, max
    ceildiv = staticmethod(lambda a, b: -(-a // b))
    int32 = int64 = staticmethod(int)


def tensor_of(node):
    """(shape nodes, type) of a T.Tensor(...) or T.alloc_global(...)"""
    return node.args[0].elts, node.args[1].value


def signature(dump):
    """parameters as name -> (shape nodes, type) or type, temporaries likewise"""
    fn = next(n for n in ast.parse(dump).body if isinstance(n, ast.FunctionDef))
    params = {a.arg: tensor_of(a.annotation) if isinstance(a.annotation, ast.Call) else a.annotation.attr for a in fn.args.args}
    assigned = [s for s in fn.body if isinstance(s, ast.Assign)]
    temps = {s.targets[0].id: tensor_of(s.value) for s in assigned if getattr(s.value.func, "attr", "") == "alloc_global"}
    return params, temps


# ---- the text as C++ of the host -----------------------------------------------------------------

def definitions(text):
    """the text cut into top-level definitions and what stands between them"""
    out, depth, start = [], 0, 0
    for m in re.finditer(r"[{}]|\n(?=\S)", text):
        if m.group() == "{": depth += 1
        elif m.group() == "}": depth -= 1
        elif depth == 0 and text[m.end()] != "{" and not text[start:m.start()].endswith(">"):
            out.append(text[start:m.end()])
            start = m.end()
    return out + [text[start:]]


def gemm_function(text):
    """the assembly of one gemm as a list of its steps"""
    head = re.search(r"DEV void (\w+)\(float \(&d\)\[(\d+)\], (u32 \(&a\)\[(\d+)\]|u32 a), u32 b\)", text)
    name, nd, regs = head.group(1), int(head.group(2)), int(head.group(4) or 0)
    high = [int(x, 16) for x in re.findall(r'"n"\((0x[0-9a-f]+)\)', text)]
    steps, a, b, flags = [], 0, 0, (0, 0)
    for line in re.findall(r'"(.*?)\\n"', text):
        if m := re.match(r"add.s64 (d[ab]), \w+, (\d+);", line):
            a, b = (int(m.group(2)), b) if m.group(1) == "da" else (a, int(m.group(2)))
        if m := re.match(r"wgmma\S*m64n(\d+)k16\.f32\.(\w+)\.\w+ \{%(\d+).*?\}, (?:\{%(\d+).*?\}|da), db, (\w+), 1, 1, (.*);", line):
            kind, reg, pred, flags = m.group(2), m.group(4), m.group(5), [int(x) for x in m.group(6).split(",")]
            n, first = int(m.group(1)), int(m.group(3))
            steps.append(f"{{{n}, {first}, {int(reg) - nd if reg else a}, {b}, {int(pred == 'zero')}}}")
    a_mn, b_mn = (0, flags[0]) if regs else flags
    a_high = 0 if regs else high[0]
    operands = f"a, {regs}, 0, b" if regs else "nullptr, 0, a, b"
    return (f"DEV void {name}(float (&d)[{nd}], {head.group(3)}, u32 b)\n{{\n"
            f"    static const emu::Shape g = {{{int(bool(regs))}, {int(kind == 'bf16')}, "
            f"{a_mn}, {b_mn}, {a_high}u, {high[-1]}u, {{{', '.join(steps)}}}}};\n    emu::issue(d, {nd}, {operands}, g);\n}}\n")


def host_text(text):
    out = ['#include "emulator.h"\n']
    machine = False
    for d in definitions(text):
        if not machine and "pipes ----" in d:           # the types and number formats stand before
            out.append('#include "machine.h"\n')
            machine = True
        if "wgmma.mma_async" in d: out.append(gemm_function(d))
        elif "struct alignas(64) TMap" in d: out.append("typedef emu::Map TMap;\n")
        elif re.search(r"\basm\b|__cvta", d) or re.match(r"template <class T> DEV u32 pack\(", d): continue
        else: out.append(d.replace("extern __shared__ __align__(1024) u8 smem[];", "u8 *const smem = emu::shared;"))
    return re.sub(r"#pragma unroll.*", "", "".join(out))


# ---- launches ------------------------------------------------------------------------------------

def launches(text):
    """(name, threads, shared bytes, grid expressions, maps, parameters) of each kernel, from its comment and its signature"""
    found = []
    for m in re.finditer(r"/\* (\w+): (\d+) threads(.*?)\*/\nextern \"C\".*?\n\w+\((.*?)\)\n\{", text, re.S):
        grid = re.search(r"grid: (.*)", m.group(3)).group(1)
        maps = {n: (b, [int(x) for x in box.split(" x ")], int(sw))
                for n, b, box, sw in re.findall(r"(\w+): boxes of (\w+), ([\d x]+) from the inner dimension on, swizzle (\d+)", m.group(3))}
        shared = int(re.search(r"(\d+) bytes of shared memory", m.group(3)).group(1))
        found.append((m.group(1), int(m.group(2)), shared, grid, maps, [p for p in m.group(4).split(", ") if p]))
    return found


def main_text(text, params, temps, env, arrays):
    """main(): tensors from files, one emu::launch a kernel, tensors back into files"""
    out = ["static std::vector<char> get(const char *path, size_t n)\n{\n"
           "    std::vector<char> v(n + 64);\n    FILE *f = fopen(path, \"rb\");\n"
           "    if (f) { if (fread(v.data(), 1, n, f)) {} fclose(f); }\n    return v;\n}\n\nint main()\n{\n"]
    shape = {}
    for name, (dims, kind) in {**{n: p for n, p in params.items() if isinstance(p, tuple)}, **temps}.items():
        shape[name] = ([evaluate(d, env) for d in dims], BYTES[kind])
        size = int(np.prod([max(d, 1) for d in shape[name][0]])) * BYTES[kind]
        out.append(f'    auto {name}_v = get("{arrays.get(name, "")}", {size});\n'
                   f"    char *{name}_p = (char *)(((size_t){name}_v.data() + 15) & ~15ull);\n"
                   f"    memmove({name}_p, {name}_v.data(), {size});\n")
    for kernel, threads, shared, grid, maps, args in launches(text):
        extents = evaluate(ast.parse(f"({grid},)", mode="eval").body, env)
        if min(extents) <= 0: continue
        given = []
        for a in args:
            name = re.search(r"(\w+)$", a).group(1)
            if name in maps:
                buf, box, swizzle = maps[name]
                dims, size = shape[buf]
                extent, part = ", ".join(str(max(d, 1)) for d in dims[::-1]), ", ".join(map(str, box))
                given.append(f"emu::Map{{(uint8_t *){buf}_p, {len(dims)}, {size}, {swizzle}, {{{extent}}}, {{{part}}}}}")
            elif "*" in a: given.append(f"({a[:a.index('*') + 1]}){name}_p")
            else: given.append(repr(env[name]))
        x, y, z = (list(extents) + [1, 1])[:3]
        out.append(f"    emu::launch({{{x}u, {y}u, {z}u}}, {threads}, {shared}, [&] {{ {kernel}({', '.join(given)}); }});\n")
    for name, path in arrays.items():
        n = int(np.prod(shape[name][0])) * shape[name][1]
        out.append(f'    if (FILE *f = fopen("{path}.out", "wb")) {{ fwrite({name}_p, 1, {n}, f); fclose(f); }}\n')
    return "".join(out) + "}\n"


# ---- one run, with the arguments of kiln.run ---------------------------------------------------------

def run(file, device, bind, arrays, outputs, timeout=900, extra=()):
    folder = tempfile.mkdtemp(dir=TMP)
    defines = [w for k, v in bind.items() for w in ("-D", f"{k}={v}")]
    status, dump, err = call("emit", file, "--emit=tile", *defines)
    if status: raise Failure(status, err)
    status, text, err = call("emit", file, "--target=cuda", *defines, *extra)
    if status: raise Failure(status, err)
    params, temps = signature(dump)
    env, files = dict(bind), {}
    for name, param in params.items():
        if not isinstance(param, tuple):
            value = arrays[name][1] if isinstance(arrays[name], tuple) else arrays[name]
            env[name] = np.asarray(value).item()
            continue
        files[name] = os.path.join(folder, name)
        if name not in arrays: continue
        value = encode(arrays[name][1], arrays[name][0])
        value.tofile(files[name])
        for d, n in enumerate(param[0]):
            if isinstance(n, ast.Name): env.setdefault(n.id, value.shape[d])
    source, program = os.path.join(folder, "kernel.cpp"), os.path.join(folder, "kernel")
    with open(source, "w") as f: f.write(host_text(text) + main_text(text, params, temps, env, files))
    command = [CXX, "-std=c++17", "-O1", "-w", "-U_FORTIFY_SOURCE", "-I", HERE, "-o", program, source]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode: raise Failure(made.returncode, made.stderr[:3000])
    ran = subprocess.run([program], capture_output=True, text=True, timeout=timeout)
    if ran.returncode: raise Failure(ran.returncode, ran.stderr[:2000])
    out = {}
    for name, dtype in outputs.items():
        shape = [evaluate(d, env) for d in params[name][0]]
        raw = {"bfloat16": "uint16", "float8_e4m3fn": "uint8", "float8_e5m2": "uint8"}.get(dtype, dtype)
        out[name] = decode(np.fromfile(files[name] + ".out", dtype=raw).reshape(shape), dtype)
    if not os.environ.get("KEEP"): shutil.rmtree(folder, ignore_errors=True)
    else: print(folder)
    return out


def against_interpreter(path, options):
    """a program of the tree on the interpreter and here, from the same inputs; what it writes starts as zeros"""
    defines = dict(o.split("=", 1) for i, o in enumerate(options) if i and options[i - 1] == "-D")
    status, dump, err = call("emit", path, "--emit=tile", *[w for k, v in defines.items() for w in ("-D", f"{k}={v}")])
    if status: return err
    params, _ = signature(dump)
    tensors = {n: p for n, p in params.items() if isinstance(p, tuple)}
    written = [n for n in tensors if re.search(rf"^ *{n}\[.*?\] = |^ *T.copy\(.*, {n}\b[^()]*\)$", dump, re.M)]
    folder = tempfile.mkdtemp(dir=TMP)
    args = [w for n in written for w in ("--input", f"{n}=zeros")] + [w for n in tensors for w in ("--output", f"{n}={folder}/{n}.npy")]
    status, _, err = call("run", path, "--device=interp", *options, *args, timeout=600)
    if status: return err
    value = {n: decode(np.load(f"{folder}/{n}.npy"), p[1]) for n, p in tensors.items()}
    bind = {k: int(v) if v.lstrip("-").isdigit() else v for k, v in defines.items()}
    given = {n: (tensors[n][1], v) for n, v in value.items() if n not in written}
    out = run(path, "cuda", bind, given, {n: tensors[n][1] for n in written})
    for n in written:
        kind = tensors[n][1]
        if kind in ("float32", "float64"): wrong = close(out[n], value[n], cos=1e-9, row=1e-4)
        elif kind.startswith(("float", "bfloat")): wrong = close(out[n], value[n], cos=1e-5, row=2e-2)
        else: wrong = None if np.array_equal(out[n], value[n]) else f"{(out[n] != value[n]).sum()} of {out[n].size} integers differ"
        if wrong: return f"{n}: {wrong}"
    return None


EVERY_DAY = [
    dict(M=70, N=200),
    dict(M=150, N=140, K=212, BM=64, BN=64, BK=32, stages=3),
    dict(M=75, N=100, K=161, act="none", dtype="float16", BM=32, BN=64, BK=32, stages=2),
    dict(B=2, Sq=200, Sk=330, H=2, Hkv=1, D=64),
    dict(B=2, Sq=110, Sk=50, H=2, Hkv=2, D=32, BM=32, BN=32),
    dict(lengths=[0, 1, 33, 419, 64], H=8, Hkv=2, D=64, splits=3, BG=32),
    dict(S=100, HI=5, DI=32, H=16, D=64, DV=32, topk=20, BM=32, BN=32, BH=32, BI=32),
]


def main():
    """the cases of programs.py, with this run instead of the command's; then the programs beside this file"""
    import programs as whole
    whole.run = run
    report, only = Report(), sys.argv[1:]
    cases = [(f, a) for f, a in whole.CASES if not only or f.__name__ in only]
    if not only and not ALL:                            # the largest grid of each is enough for every day
        cases = [c for c in cases if c[1] in EVERY_DAY]
    report.each([(f"{f.__name__} emulated: " + " ".join(f"{k}={v}" for k, v in a.items()), lambda f=f, a=a: f("cuda", **a))
                 for f, a in cases])
    tree = [(p, o) for p, o, _ in programs() if p.startswith(("tests/target/cuda", "tests/sched"))]
    tree = [(p, o) for p, o in tree if not only or any(w in p for w in only)]
    report.each([(f"emulated: {title(p, o)}", lambda p=p, o=o: against_interpreter(p, o)) for p, o in tree])
    report.done()


if __name__ == "__main__":
    main()
