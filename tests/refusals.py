"""Small programs that the interpreter stops, or the command refuses, each with its code, the words that say what is wrong, and the exit status of the code's kind. Those
of tests/errors and tests/lang show the whole text of a message; here each way to a code of running has a program, and each code that those do not show."""
import os, tempfile
from kiln import TMP, Report, call, table

HEAD = "import tilelang\nimport tilelang.language as T\n\n\n@T.prim_func\n"
INTS = "A: T.Tensor((64,), 'float32'), n: T.Tensor((64,), 'int32')"
HALVES = "A: T.Tensor((64, 64), 'float16'), B: T.Tensor((64, 64), 'float16'), C: T.Tensor((64, 64), 'float32')"
GEMM = "a = T.alloc_shared((64, 64), 'float16')\nb = T.alloc_shared((64, 64), 'float16')\nc = T.alloc_fragment((64, 64), 'float32')\n"
RUN = ("run", "--device=interp")
TWOS = ("run", "--device=interp", "--input", "n=range(2000000000,2000000001)")
MINUS = ("run", "--device=interp", "--input", "n=range(-7,-6)")
BARRIER = "bar = T.alloc_barrier(1)\ns = T.alloc_shared((64,), 'float32')\n"


def kernel(body, params=INTS, grid="1", threads=128):
    return HEAD + f"def k({params}):\n    with T.Kernel({grid}, threads={threads}) as bx:\n        tx = T.get_thread_binding()\n" + "".join(
        f"        {line}\n" for line in body.splitlines())


def one(body):
    return kernel(body, threads=1)


def lanes(body):
    return kernel(body, threads=32)


def groups(first, second, before="", behind=""):
    """64 threads: what the first half does, and the second"""
    half = lambda body: "".join(f"\n    {line}" for line in body.splitlines())
    return kernel(f"s = T.alloc_shared((64,), 'int32')\nbar = T.alloc_barrier(32)\n{before}\nif tx < 32:{half(first)}\nelse:{half(second)}\n{behind}", threads=64)


CHECK = ("check",)
ROWS = [
    # the text, and what is done at compile time
    ("E0107", CHECK, one("len(A) = 3"), "this cannot be assigned to"),
    ("E0107", CHECK, one("1 += n[0]"), "this cannot be assigned to"),
    ("E0107", CHECK, one("x, y += 1, 2"), "several values cannot be changed by one"),
    ("E0107", CHECK, one("for n[0] + 1 in T.serial(3):\n    A[0] = 1.0"), "this cannot be"),
    ("E0107", CHECK, one("None = 3"), "this cannot be"),
    ("E0208", CHECK, one("for i in T.serial(4):\n    x = n[i] + 1\nA[x] = 1.0"), "'x' has its value only inside"),
    ("E0208", CHECK, one("if n[0] > 1:\n    x = n[1]\nA[x] = 1.0"), "'x' has its value only inside"),
    ("E0211", CHECK, "from .nothing import x\n" + one("A[0] = x"), "no module"),
    ("E0211", CHECK, "from ... import x\n" + one("A[0] = x"), "leaves the program's package"),
    ("E0212", CHECK, one("assert n[0] > 1\nA[0] = 1.0"), "it is not checked"),
    ("E0215", CHECK, "def f(x):\n    return f(x + 1)\n\n\n" + one("A[0] = f(1)"), "calls nest deeper than"),
    ("E0215", CHECK, "class A0:\n    pass\n\n\n" + "".join(f"class A{k + 1}(A{k}):\n    pass\n\n\n" for k in range(300)) + one("x = A300()\nA[0] = 1.0"), "a class below more than"),
    ("E0216", CHECK, one("x = list(range(1 << 30))\nA[0] = x[3]"), "a range of more than"),
    ("E0216", CHECK, one("x = [0] * (1 << 30)\nA[0] = x[3]"), "a list of more than"),
    ("E0216", CHECK, one("x = 'ab' * (1 << 30)\nA[0] = len(x)"), "a string of more than"),
    ("E0217", CHECK, one("A[0] = 2 ** 200"), "needs more than 127 bits"),
    ("E0217", CHECK, one(f"A[0] = {10 ** 50}"), "needs more than 127 bits"),
    ("E0217", CHECK, one("A[0] = (1 << 100) * (1 << 100)"), "needs more than 127 bits"),
    ("E0312", CHECK, one("s = T.alloc_shared((8,), 'float32')\nA[0] = s[0]"), ""),
    ("E0313", ("check", "-R"), one("s = T.alloc_shared((8,), 'float32')\nif n[0] > 1:\n    T.clear(s)\nA[0] = s[0]"), ""),
    ("E0316", CHECK, kernel("A[0] = A[0] + 1.0").replace("        tx = T.get_thread_binding()\n", ""), "once for each of the 128 threads"),
    ("E0220", ("check", "-R"), kernel("T.use_swizzle(4)\nA[0] = 1.0"), ""),
    ("E0306", ("check",), kernel(GEMM + "T.gemm(A, B, A)", HALVES.replace("float32", "float16")), ""),
    ("E0307", ("check",), kernel("for i in T.serial(2):\n    s = T.alloc_shared((64,), 'float32')\nT.clear(s)\nA[0] = 1.0"), ""),
    # out of a tile
    ("E0611", RUN, one("s = T.alloc_shared((8,), 'float32')\nT.clear(s)\nA[0] = s[n[0] + 8]"), "'s' is read at [8], outside of its shape (8)"),
    ("E0611", MINUS, one("s = T.alloc_local((4, 8), 'float32')\nT.clear(s)\ns[2, n[0]] = 1.0"), "'s' is written at [2, -7], outside of its shape (4, 8)"),
    ("E0611", RUN, one("s = T.alloc_shared((8, 8), 'float32')\nd = T.alloc_shared((8, 8), 'float32')\nT.clear(s)\nT.copy(s[n[0] + 4:n[0] + 12, 0:8], d)\nA[0] = d[0, 0]"),
     "the region of 's' at [4, 0] with extents (8, 8) is outside of its shape (8, 8)"),
    ("E0611", RUN, one("s = T.alloc_shared((4,), 'float32')\nT.ptx_cp_async(T.access_ptr(s[2], 'w'), T.access_ptr(A[0], 'r'), 4)"), "the copy of 16 bytes leaves 's'"),
    # what nobody computed
    ("E0612", RUN, one("s = T.alloc_shared((8,), 'float32')\nA[0] = s[1] + 1.0"), "'A' at [0] gets an uninitialised value that comes from 's'"),
    ("E0612", RUN, one("s = T.alloc_local((8,), 'int32')\nA[s[0]] = 1.0"), "comes from 's'"),
    ("E0612", RUN, one("s = T.alloc_local((8,), 'int32')\nif s[0] > 1:\n    A[0] = 1.0"), "comes from 's'"),
    ("E0612", RUN, one("s = T.alloc_local((8,), 'int32')\nfor i in T.serial(s[2]):\n    A[i] = 1.0"), "comes from 's'"),
    ("E0612", RUN, kernel(GEMM + "T.copy(A, a)\nT.clear(b)\nT.gemm(a, b, c)\nT.copy(c, C)", HALVES), "comes from 'c'"),
    # arithmetic
    ("E0613", RUN, one("n[1] = 5 // n[0]"), "division by zero, and 'n' at [1] gets the result"),
    ("E0613", RUN, one("n[1] = 5 % n[0]"), "division by zero"),
    ("E0613", RUN, one("A[5 // n[0]] = 1.0"), "gets the result"),
    ("E0613", MINUS, one("n[1] = 1 << n[0]"), "shift"),
    ("E0613", RUN, one("n[1] = 1 << (n[0] + 32)"), "shift"),
    ("E0613", RUN, one("A[1] = 3e38\nn[1] = T.cast(A[1], 'int32')"), "gets the result"),
    ("E0613", RUN, one("if 5 // n[0] > 2:\n    A[0] = 1.0"), "division by zero"),
    # races
    ("E0614", RUN, kernel("for i in T.Parallel(8):\n    A[n[i]] = T.cast(i, 'float32')"), "'A' at [0]"),
    ("E0614", RUN, kernel("A[0] = T.cast(bx, 'float32')", grid="2", threads=1), "different values from different blocks"),
    ("E0614", RUN, lanes("n[tx // 2] = tx"), "different values from different threads"),
    # groups of threads know of each other what a barrier has told them, and no more
    ("E0614", RUN, groups("T.barrier_arrive(bar)\ns[tx] = 1", "T.barrier_wait(bar, 0)\nn[tx] = s[tx - 32]"), "is written by thread 0 and read by thread 32"),
    ("E0614", RUN, groups("s[tx] = 1", "if tx < 48:\n    n[tx] = s[tx - 32]"), "is written by thread 0 and read by thread 32"),
    ("E0614", RUN, groups("T.sync_threads()\nn[tx] = s[tx]", "T.sync_threads()\ns[tx - 32] = 7", "T.fill(s, 0)"), "is written by thread 32 and read by thread 0"),
    ("E0614", RUN, groups("T.barrier_arrive(bar)\nn[tx] = 1", "T.barrier_wait(bar, 0)\nn[tx] = n[tx - 32]"), "is written by thread 0 and read by thread 32"),
    ("E0614", RUN, groups("if tx < 16:\n    s[tx] = 1\nelse:\n    T.named_barrier_arrive(1, 48)", "T.sync_threads(1, 48)\nn[tx] = s[tx - 32]"),
     "is written by thread 0 and read by thread 32"),
    (None, RUN, groups("s[tx] = 1\nT.barrier_arrive(bar)", "T.barrier_wait(bar, 0)\nn[tx] = s[tx - 32]"), ""),
    (None, RUN, groups("s[tx] = 1\nif tx == 3:\n    T.barrier_arrive(bar)\nif tx != 3:\n    T.barrier_arrive(bar)", "T.barrier_wait(bar, 0)\nn[tx] = s[tx - 32]"), ""),
    (None, RUN, groups("n[tx] = s[63 - tx]", "if tx < 48:\n    n[tx] = s[tx - 32]", "s[tx] = tx\nT.sync_threads()", "T.sync_threads()\ns[tx] = 1"), ""),
    ("E0614", RUN, kernel("a = T.alloc_shared((64,), 'float32')\nT.copy(A, a)\nT.copy(a[n[0]:n[0] + 32], a[16:48])"), "overlapping parts of 'a'"),
    # everybody waits
    ("E0615", RUN, lanes("T.sync_threads(1, 64)\nA[0] = 1.0"), "nobody can go on"),
    ("E0615", RUN, one("while n[0] < 1:\n    A[0] = 1.0"), "waits in a while loop for what nobody stores"),
    ("E0615", RUN, lanes(BARRIER + "T.mbarrier_wait_parity(bar, 0)\nA[0] = 1.0"), "nobody can go on"),
    # the range of an index
    ("E0620", TWOS, one("A[n[0] + n[1]] = 1.0"), "does not fit int32, and leads to an index"),
    ("E0620", TWOS, one("A[n[0] * 2 - n[1]] = 1.0"), "does not fit int32"),
    ("E0620", TWOS, one("k = n[0] + n[1]\nfor i in T.serial(2):\n    A[k + i] = 1.0"), "does not fit int32"),
    ("E0620", TWOS, one("A[0 - n[0] - n[1]] = 1.0"), "does not fit int32"),
    ("E0620", TWOS, one("s = T.alloc_shared((8,), 'float32')\nT.copy(A[n[0] * 3], s)\nA[0] = 1.0"), "does not fit int32"),
    # assertions
    ("E0623", RUN, one("T.device_assert(n[0] > 0)\nA[0] = 1.0"), "the assertion does not hold"),
    ("E0623", RUN, one("T.device_assert(n[0] > 0, 'a count')\nA[0] = 1.0"), ": a count"),
    ("E0623", RUN, lanes("T.device_assert(tx != 7)\nA[tx] = 1.0"), "does not hold for thread 7"),
    ("E0623", RUN, kernel("for i in T.Parallel(8):\n    T.device_assert(n[i] + i < 5, 'few')"), ": few"),
    # foreign source
    ("E0624", RUN, one("T.call_extern('handle', 'my_function', A[0])\nA[0] = 1.0"), "'my_function' is text for another compiler"),
    ("E0624", RUN, one("A[0] = T.call_extern('float32', 'my_number', n[0])"), "'my_number'"),
    ("E0624", RUN, one("T.import_source('int f(int x) { return x; }')\nn[0] = T.call_extern('int32', 'f', n[1])"), "'f' is text for another compiler"),
    ("E0624", RUN, one("for i in T.serial(3):\n    if i == 2:\n        T.call_extern('handle', 'late', i)\nA[0] = 1.0"), "'late'"),
    # copies that have not landed
    ("E0625", RUN, lanes("s = T.alloc_shared((64,), 'float32')\nT.async_copy(A, s)\nA[0] = s[5]"), "is read while the copy of line"),
    ("E0625", RUN, lanes("s = T.alloc_shared((64,), 'float32')\nT.async_copy(A, s)\ns[5] = 1.0\nT.ptx_wait_group(0)"), "is written while the copy of line"),
    ("E0625", RUN, lanes(BARRIER + "if tx == 0:\n    T.tma_copy(A, s, barrier=bar)\nT.sync_threads()\nn[0] = T.cast(s[1], 'int32')"), "nothing has waited for it"),
    ("E0625", RUN, one("s = T.alloc_shared((4,), 'float32')\nT.ptx_cp_async(T.access_ptr(s[0], 'w'), T.access_ptr(A[0], 'r'), 4)\nT.ptx_commit_group()\nA[8] = s[3]"), "'s' at [3] is read"),
    # addresses
    ("E0626", RUN + ("-i", "p=12345"), kernel("B = T.make_tensor(p, (8,), 'float32')\nA[0] = B[0]", "A: T.Tensor((64,), 'float32'), p: T.ptr", threads=1), "'B' at address 0x3039"),
    ("E0626", RUN, kernel("B = T.make_tensor(p[1], (8,), 'float32')\nA[0] = B[0]", "A: T.Tensor((64,), 'float32'), p: T.Tensor((2,), T.ptr)", threads=1), "'B' at address 0"),
    # no end
    ("E0627", RUN, one("v = T.alloc_var('int32', init=0)\nwhile v >= 0:\n    v = 1 - v"), "has not ended after"),
    # threads that do not fit
    ("E0628", RUN, one("A[0] = T.cast(T.rng_rand(), 'float32')"), "T.rng_rand comes before T.rng_init"),
    ("E0628", RUN, lanes("A[0] = T.rng_rand_float()"), "T.rng_rand_float comes before T.rng_init"),
    ("E0628", RUN, kernel("for i in T.Parallel(32):\n    A[i] = T.warp_reduce_sum(A[i])"), "joins threads, but stands in an iteration of T.Parallel"),
    ("E0628", RUN, kernel(BARRIER + "for i in T.Parallel(8):\n    T.mbarrier_wait_parity(bar, 0)\n    A[i] = 1.0"), "inside of T.Parallel"),
    ("E0628", RUN, lanes("A[tx] = T.shfl_xor(A[tx], 1, 7)"), "in groups of 7 lanes"),
    ("E0628", RUN, kernel("T.sync_threads(99, 64)\nA[0] = 1.0"), "barrier 99"),
    # too large
    ("E0618", RUN, kernel("A[0] = 1.0", grid="1 << 30, 1 << 30").replace("as bx", "as (bx, by)"), ""),
    ("E0619", RUN, one("s = T.alloc_shared((64,), 'uint8')\nT.ptx_cp_async(T.access_ptr(s[0], 'w'), T.access_ptr(A[0], 'r'), 4)"), "a copy of bytes between elements of 32 and 8 bits"),
    ("E0619", RUN, one("T.rng_init(1, 0, 0, 'curandStateMRG32k3a_t')\nA[0] = T.rng_rand_float()"), "the generator"),
]
STATUS = {"error": 1, "unsupported": 1, "todo": 1, "device": 3, "warning": 0, "remark": 0}


def ask(code, args, text, words):
    path = os.path.join(tempfile.mkdtemp(dir=TMP), "program.py")
    open(path, "w").write(text)
    status, out, err = call(*args, path)
    if code is None:            # close to one that is refused, and right
        return f"status {status}: {err[:500]}" if status or "error[" in err else None
    if f"[{code}]" not in err or words not in err:
        return f"status {status}: {err[:500] or out[:200]}"
    want = STATUS[KINDS[code]]
    return None if status == want else f"status {status}, not {want}"


KINDS = {row["code"]: row["kind"] for row in table("errors")}


def main():
    report = Report()
    report.each([(f"{row[0]}, program {at}: {row[3]}", lambda row=row: ask(*row)) for at, row in enumerate(ROWS)])
    report.done()


if __name__ == "__main__":
    main()
