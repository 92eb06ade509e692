"""Programs that compile and go wrong when they run: each with its code, the line, carets, help, and the status of a program that is wrong. And
calls that do not fit, devices that are not there."""
import os
import numpy as np
from kiln import TMP, Report, call, present, shell

report = Report()
HEAD = ("import tilelang.language as T\n\nn = T.dynamic('n')\n\n\n@T.prim_func\ndef f(A: T.Tensor((n,), 'int32'), X: T.Tensor((n,), 'float32'), D: T.Tensor((n,), 'int32')):\n"
        "    with T.Kernel(1, threads=32) as b:\n        s = T.alloc_shared((8,), 'int32')\n")


def program(name, body, head=HEAD):
    path = os.path.join(TMP, f"{name}.py")
    open(path, "w").write(head + "".join(f"        {line}\n" for line in body.split("\n")))
    return path


def fails(name, code, path, args=(), status=1, line=None):
    """line: a piece of the source line that the message shows with carets"""
    got, out, err = call("run", path, *args)
    wrong = None
    if got != status or f"[{code}]" not in err or "    help: " not in err or "    note: " not in err:
        wrong = f"status {got}: {err[:400]}"
    elif line and not any(line in a and "^" in b for a, b in zip(err.split("\n"), err.split("\n")[1:])):
        wrong = f"no carets under {line!r}: {err[:400]}"
    report.check(f"{name}: {code}", wrong)


RUN = ["--device=interp", "-D", "n=8", "-i", "A=range(8,9)", "-i", "X=range(0,1)"]
for code, name, body, line in (
        ("E0611", "out of range", "s[A[0]] = 1", "s[A[0]]"), ("E0612", "uninitialised", "D[0] = s[3]", "D[0]"), ("E0612", "an uninitialised index", "D[s[1]] = 1", "D[s[1]]"),
        ("E0613", "division by zero", "D[0] = 7 // (A[0] - 8)", "D[0]"), ("E0613", "a negative shift", "D[0] = 7 << (0 - A[0])", "D[0]"),
        ("E0614", "a race", "for i in T.Parallel(8):\n    s[A[i] - 8] = i\nD[0] = s[0]", "s[A[i] - 8]"),
        ("E0619", "a copy of bytes between types", "u = T.alloc_shared((64,), 'uint8')\nT.ptx_cp_async(T.access_ptr(u[0], 'w'), T.access_ptr(A[0], 'r'), 4)", "T.ptx_cp_async"),
        ("E0620", "an index that overflows", "D[A[0] * 1000000000] = 1", "A[0] * 1000000000"), ("E0623", "an assertion", "T.device_assert(A[0] == 9, 'nine')", "T.device_assert"),
        ("E0624", "a foreign function", "T.call_extern('handle', 'foreign', A[0])", "T.call_extern"), ("E0625", "a copy that has not landed", "T.async_copy(A[0:8], s)\nD[0] = s[0]", "D[0] = s[0]"),
        ("E0628", "random numbers without a seed", "D[0] = T.cast(T.rng_rand(), 'int32')", "T.rng_rand()")):
    fails(name, code, program(name.replace(" ", "_"), body), RUN, line=line)
fails("a pointer to nowhere", "E0626", program("pointer", "B = T.make_tensor(p, (8,), 'int32')\nD[0] = B[0]", HEAD.replace("def f(", "def f(p: T.ptr, ")), [*RUN, "-i", "p=12345"], line="T.make_tensor")
for code, body in (("E0306", "a = T.alloc_shared((16, 16), 'float16')\nT.gemm(a, a, a)"), ("E0307", "for i in T.serial(4):\n    z = T.alloc_fragment((8,), 'int32')\n    T.clear(z)\nT.copy(z, D[0:8])"), ("E0220", "T.use_swizzle(8)\nD[0] = 1")):
    status, _, err = call("check", program(f"check_{code}", body), "-R")
    report.check(f"{code} of check", None if f"[{code}]" in err and status == (code != "E0220") else f"status {status}: {err[:400]}")
for code, path in (("E0615", "tests/errors/deadlock.py"), ("E0616", "tests/errors/left_over.py"), ("E0617", "tests/sched/proof_no_await.py")):
    fails(path, code, path, ["--device=interp"], line="T." if code != "E0616" else None)

# ---- calls -------------------------------------------------------------------------------------

np.save(os.path.join(TMP, "two.npy"), np.zeros((2, 3), "int32"))
np.save(os.path.join(TMP, "five.npy"), np.zeros(5, "int32"))
path = program("plain", "D[0] = 1")
fails("sizes that contradict each other", "E0704", path, ["--device=interp", "-i", f"A={TMP}/five.npy", "-D", "n=4"], 2)
fails("a size that nobody gives", "E0704", path, ["--device=interp"], 2)
fixed = program("fixed", "D[0] = 1", HEAD.replace("A: T.Tensor((n,)", "A: T.Tensor((4,)"))
fails("a shape that does not fit", "E0602", fixed, ["--device=interp", "-i", f"A={TMP}/five.npy", "-D", "n=4"], 2)
fails("an array of two dimensions", "E0703", path, ["--device=interp", "-i", f"A={TMP}/two.npy", "-D", "n=4"], 2)
fails("too large a grid", "E0618", program("grid", "D[0] = 1", HEAD.replace("T.Kernel(1", "T.Kernel(1 << 30, 1 << 30").replace("as b", "as (b, c)")), RUN, 1)

# ---- machines ----------------------------------------------------------------------------------

ADD = ["run", "lib/add.py", "-D", "M=4", "-D", "N=4"]
starved = os.path.join(TMP, "starved.sh")
open(starved, "w").write("#!/bin/sh\ncase \"$*\" in *probe*) exec cc \"$@\" ;; esac\necho 'cc1: virtual memory exhausted: Cannot allocate memory' >&2\nexit 1\n")
os.chmod(starved, 0o755)
for name, env, device, code in (("CC=false", {"CC": "false"}, "cpu", "E0621"), ("CC=true", {"CC": "true"}, "cpu", "E0621"), ("CC=/no/such", {"CC": "/no/such"}, "cpu", "E0621"), ("CC without memory", {"CC": starved}, "cpu", "E0601"), ("CXX=false", {"CXX": "false"}, "mock", "E0641"),
                                ("CXX=true", {"CXX": "true"}, "mock", "E0641"), ("KILN_NVRTC=/no/such", {"KILN_NVRTC": "/no/such"}, "cuda", "E0632"), ("TMPDIR=/no/such", {"TMPDIR": "/no/such"}, "cpu", "E0601")):
    status, _, err = shell([*ADD, f"--device={device}"], {**env, "XDG_CACHE_HOME": os.path.join(TMP, "fresh." + code)})
    report.check(f"{name} is the machine's fault: {code}", None if status == 3 and f"device[{code}]" in err and "help: " in err else f"status {status}: {err}")
if present("cuda"):
    status, _, err = shell([*ADD, "--device=cuda"])
    report.check("a device that is not here", None if status == 3 and ("device[E0631]" in err or "device[E0632]" in err) else f"status {status}: {err}")

# ---- what a target cannot do, or does in a slower way ----------------------------------------------

TILES = ("import tilelang.language as T\n\n\n@T.prim_func\ndef f(A: T.Tensor((256, 64), 'float16'), B: T.Tensor((64, 64), 'float16'), C: T.Tensor((256, 64), 'float16')):\n    with T.Kernel(2, threads=256) as b:\n"
         "        a = T.alloc_shared((128, 64), 'float16')\n        w = T.alloc_shared((64, 64), 'float16')\n        acc = T.alloc_fragment((128, 64), 'float32')\n        r = T.alloc_fragment((64,), 'float32')\n"
         "        T.copy(B, w)\n        T.clear(acc)\n        for k in T.Pipelined(4, num_stages=2):\n            T.copy(A[b * 128, 0], a)\n            T.gemm(a, w, acc)\n        T.reduce_sum(acc, r, dim=0)\n"
         "        for i, j in T.Parallel(128, 64):\n            acc[i, j] = acc[i, j] / r[j]\n        T.copy(acc, C[b * 128, 0])\n")
BIG = ("import tilelang.language as T\n\n\n@T.prim_func\ndef f(A: T.Tensor((512, 512), 'float32'), B: T.Tensor((512, 512), 'float32')):\n    with T.Kernel(1, threads=128) as b:\n        s = T.alloc_SPACE((512, 512), 'float32')\n"
       "        T.copy(A, s)\n        for i, j in T.Parallel(512, 512):\n            s[i, j] = s[i, j] * 2.0\n        T.copy(s, B)\n")
for code, kind, name, text, target, status in (
        ("E0411", "remark", "one group", TILES, "cuda", 0), ("E0503", "remark", "falls back", TILES, "cuda", 0), ("E0410", "remark", "one sequence", BIG.replace("SPACE", "shared"), "cuda", 1),
        ("E0309", "error", "tiles too large", BIG.replace("SPACE", "shared"), "metalium", 1), ("E0502", "unsupported", "fragments too large", BIG.replace("SPACE", "fragment"), "cuda", 1),
        ("E0501", "unsupported", "another chip's name", BIG.replace("SPACE", "tmem"), "cuda", 1)):
    path = os.path.join(TMP, f"target_{code}.py")
    open(path, "w").write(text)
    got, _, err = call("emit", path, "--target", target, "-R")
    report.check(f"{name}: {code}", None if got == status and f"{kind}[{code}]" in err else f"status {got}: {err[:400]}")
report.done()
