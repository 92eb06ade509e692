#!/usr/bin/env python3
"""The mock of the Metalium kernel API: hand-written kernels give right numbers, and each broken rule is named."""
import os, shutil, subprocess, sys, tempfile
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../.."))
from kiln import ROOT, TMP, Report

mock = os.path.normpath(os.path.join(here, "../../../src/target/metalium/mock"))
cxx = os.environ.get("CXX", "g++")
FORMAT = {"Float32": (0, 4), "Float16": (1, 2), "Float16_b": (5, 2), "Int32": (8, 4), "UInt16": (9, 2), "UInt32": (24, 4),
          "UInt8": (30, 1)}


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)


class Mock:
    def __init__(self, folder):
        self.folder = folder
        self.objects = []
        for part in ("machine", "tile"):
            obj = f"{folder}/{part}.o"
            r = run(cxx, "-std=c++17", "-O2", "-I", mock, "-c", f"{mock}/{part}.cpp", "-o", obj)
            assert r.returncode == 0, r.stderr
            self.objects.append(obj)

    def build(self, kernels):
        """kernels: role -> (path or text, compile-time words)"""
        exe = tempfile.mkdtemp(dir=self.folder)
        objects = []
        for role, (text, words) in kernels.items():
            src = text if text.endswith(".cpp") else f"{exe}/{role}.cpp"
            if src != text:
                open(src, "w").write(text)
            obj = f"{exe}/{role}.o"
            r = run(cxx, "-std=c++17", "-O1", "-I", mock, f"-Dkernel_main={role}_main",
                    "-DKERNEL_COMPILE_TIME_ARGS=" + (",".join(map(str, words)) or "0"), "-c", src, "-o", obj)
            assert r.returncode == 0, r.stderr
            objects.append(obj)
        exe += "/run"
        r = run(cxx, *self.objects, *objects, "-o", exe)
        assert r.returncode == 0, r.stderr
        return exe

    def launch(self, exe, cbs, drams, cores, fp32=0, arch="wormhole", semaphores=()):
        """cbs: id -> (format, pages, name[, to_dest]); drams: list of (array of pages); cores: list of {role: words}"""
        folder = tempfile.mkdtemp(dir=self.folder)
        lines = [f"arch {arch}", f"fp32_dest {fp32}"]
        for k, (form, pages, name, *rest) in cbs.items():
            code, size = FORMAT[form]
            lines.append(f"cb {k} {size * 1024} {pages} {code} {rest[0] if rest else 0} -1 {name}")
        at = 0
        blob = b""
        for k, d in enumerate(drams):
            lines.append(f"dram {0x100000 * (k + 1)} {d[0].nbytes} {len(d)} {at} d{k}")
            blob += d.tobytes()
            at += d.nbytes
        for k, v in enumerate(semaphores):
            lines.append(f"semaphore {k} {v}")
        for n, core in enumerate(cores):
            lines.append(f"core {n % 8} {n // 8}")
            for role, words in core.items():
                lines.append(f"args {role} {len(words)} " + " ".join(map(str, words)))
        open(folder + "/launch", "w").write("\n".join(lines) + "\n")
        open(folder + "/memory", "wb").write(blob)
        r = run(exe, folder + "/launch", folder + "/memory")
        blob = open(folder + "/memory", "rb").read()
        out, at = [], 0
        for d in drams:
            out.append(np.frombuffer(blob, d.dtype, d.size, at).reshape(d.shape))
            at += d.nbytes
        return r.returncode, r.stderr, out


def bf16(x):
    b = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((b + 0x7fff + (b >> 16 & 1)) >> 16).astype(np.uint16)


def f32(b):
    return (b.astype(np.uint32) << 16).view(np.float32)


def pages(x):
    """a matrix -> its tiles, one a page, four faces each"""
    r, c = x.shape
    return np.ascontiguousarray(x.reshape(r // 32, 2, 16, c // 32, 2, 16).transpose(0, 3, 1, 4, 2, 5)).reshape(-1, 1024)


def matrix(p, r, c):
    return p.reshape(r // 32, c // 32, 2, 2, 16, 16).transpose(0, 2, 4, 1, 3, 5).reshape(r, c)


def apart(got, want, bound):
    err = np.linalg.norm(got - want) / np.linalg.norm(want)
    return None if err < bound and np.isfinite(got).all() else f"relative error {err:.1e}"


def gemm(m, exe, Mt, Nt, Kt):
    rng = np.random.default_rng(1)
    a, b = (f32(bf16(rng.standard_normal(s))) for s in ((Mt * 32, Kt * 32), (Kt * 32, Nt * 32)))
    blocks = -(-Mt // 2) * -(-Nt // 3)
    cores = []
    for k in range(2):
        first = k * blocks // 2
        count = (k + 1) * blocks // 2 - first
        cores.append({"reader": [0x100000, 0x200000, Mt, Nt, Kt, first, count], "compute": [Kt, count],
                      "writer": [0x300000, Mt, Nt, first, count]})
    cbs = {0: ("Float16_b", 8, "A"), 1: ("Float16_b", 12, "B"), 2: ("Float32", 12, "acc", 1), 16: ("Float16_b", 12, "C")}
    c = np.full((Mt * Nt, 1024), 0x7fff, np.uint16)
    rc, err, out = m.launch(exe, cbs, [pages(bf16(a)), pages(bf16(b)), c], cores, fp32=1)
    return err if rc else apart(f32(matrix(out[2], Mt * 32, Nt * 32)), a.astype(np.float64) @ b, 3e-3)


def flash(m, exe, blocks):
    rng = np.random.default_rng(2)
    q, k, v = (f32(bf16(rng.standard_normal((n, 64)))) for n in (64, 32 * blocks, 32 * blocks))
    scale = int(np.float32(0.125).view(np.uint32))
    cores = [{"reader": [0x100000, 0x200000, 0x300000, blocks, row], "compute": [blocks, scale], "writer": [0x400000, row]}
             for row in range(2)]
    cbs = {}
    for count, names in ((1, {3: "one", 4: "s", 5: "p", 9: "row", 12: "new"}),
                         (2, {0: "q", 6: "m", 7: "l", 10: "alpha", 11: "pv", 16: "out"}), (4, {1: "k", 2: "v", 8: "o"})):
        cbs.update({c: ("Float16_b", count, n) for c, n in names.items()})
    drams = [pages(bf16(x)) for x in (q, k, v)] + [np.full((4, 1024), 0x7fff, np.uint16)]
    rc, err, out = m.launch(exe, cbs, drams, cores, fp32=1)
    s = q.astype(np.float64) @ k.T * 0.125
    p = np.exp(s - s.max(1, keepdims=True))
    return err if rc else apart(f32(matrix(out[3], 64, 64)), p / p.sum(1, keepdims=True) @ v, 2e-2)


def multicast(m):
    exe = m.build({r: (f"{here}/mock/multicast_{r}.cpp", [2, 2048]) for r in ("reader", "writer")})
    x = np.random.default_rng(3).integers(0, 1000, (5, 1024)).astype(np.uint16)
    cores = [{"reader": [k, 0x100000], "writer": [k, 0x200000]} for k in range(2)]
    rc, err, out = m.launch(exe, {0: ("Float16_b", 2, "page")}, [x, np.zeros((10, 1024), np.uint16)], cores, semaphores=(0, 0))
    return err if rc else None if (out[1] == np.concatenate([x, x])).all() else "the pages differ"


READER = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n%s\n}\n'
ACCESS = "constexpr auto args = TensorAccessorArgs<0>(); const auto t = TensorAccessor(args, 0x100000);\n"
HEADERS = ("common", "tile_move_copy", "eltwise_binary", "matmul", "reduce", "bcast", "eltwise_unary/exp", "eltwise_unary/fill")
COMPUTE = "".join(f'#include "api/compute/{h}.h"\n' for h in HEADERS) + (
    "void kernel_main() {\ncompute_kernel_hw_startup(0, 16);\n%s\n}\n")
FEED = ACCESS + "cb_reserve_back(0, 1); noc_async_read_page(0, t, get_write_ptr(0)); noc_async_read_barrier(); cb_push_back(0, 1);\n"
READ = "cb_wait_front(0, 1); copy_init(0); tile_regs_acquire(); "
COPIED = READ + "copy_tile(0, 0, 0); "
COMMITTED = COPIED + "tile_regs_commit(); "
PACK = "tile_regs_commit(); cb_reserve_back(16, 1); tile_regs_wait(); pack_tile(0, 16); tile_regs_release(); cb_push_back(16, 1);"
ONES = "tile_regs_acquire(); fill_tile_init(); fill_tile(0, 1.0f); " + PACK
ROOM = ACCESS + "cb_reserve_back(0, 1); "

# what is wrong -> the kernels, and what the message must say
BROKEN = {}


def rule(what, *says, reader="", compute="", writer=""):
    BROKEN[what] = (reader, compute, writer, *says)


rule("deadlock", "deadlock", "reader line 6 waits in cb_reserve_back(cb 0 'in', 1): 2 of 2",
     "writer line 3 waits in cb_wait_front(cb 16 'out', 1): 0 of 2",
     reader=FEED + 2 * FEED.replace(ACCESS, ""), compute="cb_wait_front(0, 1);", writer="cb_wait_front(16, 1);")
rule("reserve more than there is", "asks for more than the 2 pages", reader="cb_reserve_back(0, 3);")
rule("wait for more than there is", "asks for more than the 2 pages", writer="cb_wait_front(16, 3);")
rule("push without reserve", "of 0 reserved pages", reader="cb_push_back(0, 1);")
rule("pop without wait", "of 0 pages waited for", writer="cb_pop_front(16, 1);")
rule("a block that wraps", "wrap", reader="cb_reserve_back(1, 2); cb_push_back(1, 2); cb_reserve_back(1, 2);",
     writer="cb_wait_front(1, 2); cb_pop_front(1, 2);")
rule("two producers", "two producers", reader="cb_reserve_back(0, 1); cb_push_back(0, 1);", writer="cb_reserve_back(0, 1);")
rule("left over", "1 pages are left in cb 0 'in'", reader="cb_reserve_back(0, 1); cb_push_back(0, 1);")
rule("push before the barrier", "before noc_async_read_barrier",
     reader=ROOM + "noc_async_read_page(0, t, get_write_ptr(0)); cb_push_back(0, 1);")
rule("no barrier at the end", "that no noc_async_read_barrier", reader=ROOM + "noc_async_read_page(0, t, get_write_ptr(0));")
rule("read into unreserved space", "outside of what this role reserved",
     reader=ACCESS + "noc_async_read_page(0, t, get_write_ptr(0));")
rule("page out of range", "page 2 of 'd0', which has 2", reader=ROOM + "noc_async_read_page(2, t, get_write_ptr(0));")
rule("past the page", "leave the page", reader=ROOM + "noc_async_read(t.get_noc_addr(0, 1024), get_write_ptr(0), 2048);")
rule("wrong page size", "pages of 1024 bytes, the buffer of 2048",
     reader=ROOM + "const auto u = TensorAccessor(args, 0x100000, 1024); noc_async_read_page(0, u, get_write_ptr(0));")
rule("misaligned", "alignment", reader=ROOM + "noc_async_read(t.get_noc_addr(0, 16), get_write_ptr(0), 32);")
rule("pop before the write left", "before noc_async_writes_flushed", compute=ONES,
     writer=ACCESS + "cb_wait_front(16, 1); noc_async_write_page(0, t, get_read_ptr(16)); cb_pop_front(16, 1);")
rule("no acquire", "without tile_regs_acquire", reader=FEED, compute="cb_wait_front(0, 1); copy_init(0); copy_tile(0, 0, 0);")
rule("no commit", "would wait for ever", reader=FEED, compute=COPIED + "tile_regs_wait();")
rule("no wait before pack", "pack_tile without tile_regs_wait", reader=FEED,
     compute=COMMITTED + "cb_reserve_back(16, 1); pack_tile(0, 16);")
rule("no release", "tile_regs_acquire: the pack section", reader=FEED, compute=COMMITTED + "tile_regs_wait(); tile_regs_acquire();")
rule("destination register out of range", "tile 4 of the destination registers, which hold 4", reader=FEED,
     compute=READ + "copy_tile(0, 0, 4);")
rule("empty destination register", "holds nothing", compute="tile_regs_acquire(); exp_tile_init(); exp_tile(1);")
rule("pack outside the reserve", "of which 0 are reserved", reader=FEED, compute=COMMITTED + "tile_regs_wait(); pack_tile(0, 16);")
rule("tile not waited for", "reads tile 1 of cb 0 'in', of which 1 were waited for", reader=FEED,
     compute=READ + "copy_tile(0, 1, 0);")
rule("no init", "without its init", reader=FEED, compute="cb_wait_front(0, 1); tile_regs_acquire(); copy_tile(0, 0, 0);")
rule("init of another operation", "without exp_tile_init", reader=FEED, compute=COPIED + "fill_tile_init(); exp_tile(0);")
rule("packer not reconfigured", "pack_reconfig_data_format is missing", reader=FEED,
     compute=COMMITTED + "cb_reserve_back(17, 1); tile_regs_wait(); pack_tile(0, 17);")
rule("source not reconfigured", "reconfig_data_format is missing", compute="cb_reserve_back(17, 1); pack_reconfig_data_format(17); " + (
    "tile_regs_acquire(); fill_tile_init(); fill_tile(0, 1.0f); tile_regs_commit(); tile_regs_wait(); pack_tile(0, 17);"
    "tile_regs_release(); cb_push_back(17, 1); cb_wait_front(17, 1); copy_init(17); tile_regs_acquire(); copy_tile(17, 0, 0);"))
rule("reduce mask left on", "reduce_uninit is missing", reader=FEED, writer="cb_wait_front(16, 1); cb_pop_front(16, 1);",
     compute="cb_wait_front(0, 1); reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(0, 0, 16);" + COPIED + PACK)
rule("fewer tiles packed than pushed", "of 0 packed tiles", compute="cb_reserve_back(16, 1); cb_push_back(16, 1);")


def broken(m, reader, compute, writer, *says):
    ones = np.full((2, 1024), 0x3f80, np.uint16)
    exe = m.build({"reader": (READER % (reader or ""), [2, 2048]), "compute": (COMPUTE % (compute or ""), []),
                   "writer": (READER % (writer or ""), [2, 2048])})
    cbs = {0: ("Float16_b", 2, "in"), 1: ("Float16_b", 3, "three"), 16: ("Float16_b", 2, "out"), 17: ("Float32", 2, "wide")}
    rc, err, _ = m.launch(exe, cbs, [ones], [{}], fp32=1)
    if rc != 2:
        return f"exit status {rc}: {err}"
    missing = [s for s in says if s not in err]
    return f"no '{missing[0]}' in: {err}" if missing else None


def interface(m):
    """the whole interface compiles against the mock"""
    kernels = {"reader": "api_dataflow", "writer": "api_dataflow", "compute": "api_compute"}
    m.build({role: (f"{here}/mock/{name}.cpp", [2, 2048, 2, 64]) for role, name in kernels.items()})


def headers():
    """... and what is written by hand here compiles against the machine's own headers"""
    kernels = ["reader:api_dataflow", "writer:api_dataflow", "compute:api_compute"]
    kernels += [f"{r}:{n}_{r}" for n in ("gemm", "flash") for r in ("reader", "compute", "writer")]
    kernels += [f"{r}:multicast_{r}" for r in ("reader", "writer")]
    kernels = ["{}:{}/mock/{}.cpp".format(*k.split(":")[:1], here, k.split(":")[1]) for k in kernels]
    r = subprocess.run([sys.executable, f"{ROOT}/tools/ttcheck.py", "--fp32-dest", *kernels], capture_output=True, text=True)
    return r.returncode, None if r.returncode == 0 else r.stdout + r.stderr


def main():
    report = Report()
    if not shutil.which(cxx):
        report.skip("there is no C++ compiler", len(BROKEN) + 8)
        return report.done()
    m = Mock(tempfile.mkdtemp(dir=TMP))
    exe = {name: m.build({r: (f"{here}/mock/{name}_{r}.cpp", [2, 2048] * 3) for r in ("reader", "compute", "writer")})
           for name in ("gemm", "flash")}
    report.each([("interface", lambda: interface(m))])
    report.each([(f"gemm of {s} tiles", lambda s=s: gemm(m, exe["gemm"], *s)) for s in ((3, 4, 5), (1, 1, 1), (5, 7, 2))])
    report.each([(f"attention over {n} blocks", lambda n=n: flash(m, exe["flash"], n)) for n in (1, 2, 7)])
    report.each([("pages sent to a neighbour", lambda: multicast(m))])
    report.each([(f"broken rule: {what}", lambda b=b: broken(m, *b)) for what, b in BROKEN.items()])
    status, wrong = headers()
    if status == 77:
        report.skip("the machine's headers are not here: tools/ttcheck.py --fetch gets them", 1)
    else:
        report.each([("the machine's own headers", lambda: wrong)])
    report.done()


main()
