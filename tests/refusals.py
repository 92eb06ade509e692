"""The smallest program or call for each code that the goldens do not show: what the interpreter finds while it runs, remarks, what a target cannot hold,
compilers that are not there. One row a code; the message must have it, and the exit status is that of its kind."""
import os, tempfile
from kiln import KILN, ROOT, TMP, Report, saw, table
import subprocess

HEAD = "import tilelang\nimport tilelang.language as T\n\n\n@T.prim_func\n"


def kernel(body, params="A: T.Tensor((64,), 'float32')", grid="1", threads=128):
    return HEAD + f"def k({params}):\n    with T.Kernel({grid}, threads={threads}) as bx:\n" + "".join(f"        {line}\n" for line in body.splitlines())


TWO = "A: T.Tensor((64, 64), 'float16'), B: T.Tensor((64, 64), 'float16'), C: T.Tensor((64, 64), 'float32')"
GEMM = "a = T.alloc_shared((64, 64), 'float16')\nb = T.alloc_shared((64, 64), 'float16')\nc = T.alloc_fragment((64, 64), 'float32')\n"
INTS = "A: T.Tensor((64,), 'float32'), n: T.Tensor((4,), 'int32')"
RUN = ["run", "--device=interp"]


def schedule(reader, compute, writer="", depth=2):
    roles = [f"with T.{name}():\n" + "".join(f"    {line}\n" for line in text.splitlines()) for name, text in (("reader", reader), ("compute", compute), ("writer", writer)) if text]
    body = f"a = T.pipe((64,), 'float32', depth={depth})\no = T.pipe((64,), 'float32', depth={depth})\n" + "".join(roles)
    return "# stage: sched   target: cpu\n" + kernel(body, "A: T.Tensor((64,), 'float32'), C: T.Tensor((64,), 'float32')")


ROWS = [
    ("E0220", ["check", "-R"], kernel("T.use_swizzle(4)\nA[0] = 1.0")),
    ("E0306", ["check"], kernel(GEMM.replace("alloc_fragment", "alloc_shared") + "T.gemm(A, B, A)", TWO.replace("float32", "float16"))),
    ("E0307", ["check"], kernel("for i in T.serial(2):\n    s = T.alloc_shared((64,), 'float32')\nT.clear(s)\nA[0] = 1.0")),
    ("E0309", ["check", "--target=cuda"], kernel("s = T.alloc_shared((300, 1024), 'float32')\nT.clear(s)\nT.copy(s[0, 0:64], A)")),
    ("E0410", ["emit", "-R", "--target=cuda", "tests/run/overwrites.py", "-D", "M=70", "-D", "N=90"], None),
    ("E0411", ["check", "-R", "--target=cuda"], kernel(GEMM.replace("(64, 64)", "(128, 64)", 1).replace("c = T.alloc_fragment((64, 64)", "c = T.alloc_fragment((128, 64)")
        + "T.copy(A, a)\nT.copy(B, b)\nT.clear(c)\nT.gemm(a, b, c)\nr = T.alloc_fragment((64,), 'float32')\nT.reduce_sum(c, r, dim=0)\nT.copy(r, C[0, :])",
        TWO.replace("(64, 64)", "(128, 64)", 1))),
    ("E0502", ["emit", "--target=metalium"], kernel("s = T.alloc_fragment((512, 1024), 'float32')\nT.copy(A, s)\nfor i, j in T.Parallel(512, 1024):\n    s[i, j] = s[i, j] * 2.0\nT.copy(s, B)", "A: T.Tensor((512, 1024), 'float32'), B: T.Tensor((512, 1024), 'float32')")),
    ("E0503", ["emit", "-R", "--target=cuda"], kernel("a = T.alloc_shared((48, 40), 'float32')\nT.copy(A, a)\nc = T.alloc_fragment((48, 48), 'float32')\nT.clear(c)\nT.gemm(a, a, c, transpose_B=True)\n"
                                                      "T.copy(c, B)", "A: T.Tensor((48, 40), 'float32'), B: T.Tensor((48, 48), 'float32')")),
    ("E0602", RUN + ["--input", "n=300"], kernel("A[0] = T.cast(n, 'float32')", "A: T.Tensor((64,), 'float32'), n: T.int8")),
    ("E0611", RUN + ["--input", "n=range(100,101)"], kernel("s = T.alloc_shared((64,), 'float32')\nT.clear(s)\nA[0] = s[n[0]]", INTS)),
    ("E0612", RUN, kernel("f = T.alloc_fragment((64,), 'float32')\nT.copy(f, A)")),
    ("E0613", RUN, kernel("A[1 // n[0]] = 1.0", INTS)),
    ("E0614", RUN, kernel("for i in T.Parallel(64):\n    A[n[i % 4]] = T.cast(i, 'float32')", INTS)),
    ("E0615", RUN, kernel("m = T.alloc_barrier(128)\ntx = T.get_thread_binding()\nif tx < 64:\n    T.barrier_arrive(m[0])\nT.barrier_wait(m[0], 0)\nA[0] = 1.0")),
    ("E0616", RUN, schedule("s = T.acquire(a)\nT.copy(A, s)\nT.commit(a)", "x = T.wait(a)\nf = T.alloc_fragment((64,), 'float32')\nT.copy(x, f)\ns = T.acquire(o)\nT.copy(f, s)\nT.commit(o)",
                            "y = T.wait(o)\nT.copy(y, C)\nT.release(o)")),
    ("E0617", RUN, "# stage: sched   target: cuda\n" + kernel(
        "a = T.pipe((64, 64), 'float16', depth=2)\nwith T.reader():\n    s = T.acquire(a)\n    T.copy(A, s)\n    T.commit(a)\nwith T.compute():\n    c = T.alloc_fragment((64, 64), 'float32')\n"
        "    T.clear(c)\n    x = T.wait(a)\n    T.gemm(x, x, c, start=True)\n    T.release(a)\n    T.copy(c, C)\n    T.await_(0)", TWO)),
    ("E0618", RUN, kernel("s = T.alloc_shared((1 << 16, 1 << 16), 'float32')\ns[0, 0] = 1.0\nA[0] = s[0, 0]")),
    ("E0620", RUN + ["--input", "n=range(2000000000,2000000001)"], kernel("A[n[0] + n[1] + n[2]] = 1.0", INTS)),
    ("E0623", RUN, kernel("T.device_assert(n[0] > 0)\nA[0] = 1.0", INTS)),
    ("E0624", RUN, kernel("T.call_extern('handle', 'my_function', A[0])\nA[0] = 1.0")),
    ("E0627", RUN, kernel("v = T.alloc_var('int32', init=0)\nwhile v < 5:\n    A[0] = 1.0")),
    ("E0628", RUN, kernel("A[0] = T.cast(T.rng_rand(), 'float32')")),
    ("E0704", RUN, kernel("A[0] = 1.0", "A: T.Tensor((T.dynamic('q'),), 'float32')")),
    ("E0707", ["check", "--target=metalium", "--groups=60"], kernel("A[0] = 1.0")),
]
WITHOUT = [     # code, arguments, environment
    ("E0621", ["run", "--device=cpu", "examples/01_scale.py", "-D", "n=70"], {"CC": "/nonexistent/cc"}),
    ("E0641", ["run", "--device=mock", "examples/01_scale.py", "-D", "n=70"], {"CXX": "/nonexistent/c++"}),
    ("E0632", ["run", "--device=cuda", "examples/01_scale.py", "-D", "n=70"], {"KILN_NVRTC": "/nonexistent/libnvrtc.so"}),
]
STATUS = {"error": 1, "unsupported": 1, "todo": 1, "device": 3, "warning": 0, "remark": 0}


def ask(code, args, text=None, env=None):
    kind = KINDS[code]
    folder = tempfile.mkdtemp(dir=TMP)
    npy = os.path.join(folder, "wrong.npy")
    if text:
        import numpy as np
        np.save(npy, np.zeros((3, 3), np.float32))
        path = os.path.join(folder, "program.py")
        open(path, "w").write(text)
        args = [*[a.replace("{npy}", npy) for a in args], path]
    r = subprocess.run([KILN, *args], capture_output=True, text=True, timeout=120, cwd=ROOT, env={**os.environ, **(env or {})})
    saw(r.stderr)
    usage = code in ("E0602",) or code.startswith("E07")
    want = 2 if usage and kind == "error" else STATUS[kind]
    if f"[{code}]" not in r.stderr:
        return f"status {r.returncode}: {r.stderr[:500] or r.stdout[:200]}"
    return None if r.returncode == want or kind in ("warning", "remark") else f"status {r.returncode}, not {want}"


KINDS = {row["code"]: row["kind"] for row in table("errors")}


def main():
    report = Report()
    report.each([(f"{code} by {args[0]}", lambda a=(code, args, text): ask(*a)) for code, args, text in ROWS])
    report.each([(f"{code} by {args[0]} {args[1]}", lambda a=(code, args, None, env): ask(*a)) for code, args, env in WITHOUT])
    report.done()


if __name__ == "__main__":
    main()
