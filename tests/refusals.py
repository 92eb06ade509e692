"""The smallest program for each code that neither a golden nor another test shows; the exit status is that of its kind."""
import os, tempfile
from kiln import TMP, Report, call, table

HEAD = "import tilelang\nimport tilelang.language as T\n\n\n@T.prim_func\n"


def kernel(body, params="A: T.Tensor((64,), 'float32')", grid="1", threads=128):
    return HEAD + f"def k({params}):\n    with T.Kernel({grid}, threads={threads}) as bx:\n" + "".join(f"        {line}\n" for line in body.splitlines())


TWO = "A: T.Tensor((64, 64), 'float16'), B: T.Tensor((64, 64), 'float16'), C: T.Tensor((64, 64), 'float32')"
GEMM = "a = T.alloc_shared((64, 64), 'float16')\nb = T.alloc_shared((64, 64), 'float16')\nc = T.alloc_fragment((64, 64), 'float32')\n"
INTS = "A: T.Tensor((64,), 'float32'), n: T.Tensor((4,), 'int32')"
RUN = ["run", "--device=interp"]


ROWS = [
    ("E0220", ["check", "-R"], kernel("T.use_swizzle(4)\nA[0] = 1.0")),
    ("E0306", ["check"], kernel(GEMM.replace("alloc_fragment", "alloc_shared") + "T.gemm(A, B, A)", TWO.replace("float32", "float16"))),
    ("E0307", ["check"], kernel("for i in T.serial(2):\n    s = T.alloc_shared((64,), 'float32')\nT.clear(s)\nA[0] = 1.0")),
    ("E0620", RUN + ["--input", "n=range(2000000000,2000000001)"], kernel("A[n[0] + n[1] + n[2]] = 1.0", INTS)),
    ("E0623", RUN, kernel("T.device_assert(n[0] > 0)\nA[0] = 1.0", INTS)),
    ("E0624", RUN, kernel("T.call_extern('handle', 'my_function', A[0])\nA[0] = 1.0")),
    ("E0627", RUN, kernel("v = T.alloc_var('int32', init=0)\nwhile v >= 0:\n    v = 1 - v", threads=1)),
    ("E0628", RUN, kernel("A[0] = T.cast(T.rng_rand(), 'float32')")),
]
STATUS = {"error": 1, "unsupported": 1, "todo": 1, "device": 3, "warning": 0, "remark": 0}


def ask(code, args, text):
    path = os.path.join(tempfile.mkdtemp(dir=TMP), "program.py")
    open(path, "w").write(text)
    status, out, err = call(*args, path)
    if f"[{code}]" not in err:
        return f"status {status}: {err[:500] or out[:200]}"
    want = STATUS[KINDS[code]]
    return None if status == want else f"status {status}, not {want}"


KINDS = {row["code"]: row["kind"] for row in table("errors")}


def main():
    report = Report()
    report.each([(f"{code} by {args[0]}", lambda a=(code, args, text): ask(*a)) for code, args, text in ROWS])
    report.done()


if __name__ == "__main__":
    main()
