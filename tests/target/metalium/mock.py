#!/usr/bin/env python3
"""The mock of the Metalium kernel API: hand-written kernels give right numbers, and each broken rule is named.

usage: mock.py [WORK_FOLDER]     needs numpy and a C++ compiler (CXX, default g++)"""
import os, subprocess, sys, tempfile
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
mock = os.path.normpath(os.path.join(here, "../../../src/target/metalium/mock"))
cxx = os.environ.get("CXX", "g++")
FORMAT = {"Float32": (0, 4), "Float16": (1, 2), "Float16_b": (5, 2), "Int32": (8, 4), "UInt16": (9, 2), "UInt32": (24, 4), "UInt8": (30, 1)}


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)


class Mock:
    def __init__(self, folder):
        self.folder, self.count = folder, 0
        self.objects = []
        for part in ("machine", "tile"):
            obj = f"{folder}/{part}.o"
            r = run(cxx, "-std=c++17", "-O2", "-I", mock, "-c", f"{mock}/{part}.cpp", "-o", obj)
            assert r.returncode == 0, r.stderr
            self.objects.append(obj)

    def build(self, kernels):
        """kernels: role -> (path or text, compile-time words)"""
        self.count += 1
        objects = []
        for role, (text, words) in kernels.items():
            src = text if text.endswith(".cpp") else f"{self.folder}/{self.count}_{role}.cpp"
            if src != text:
                open(src, "w").write(text)
            obj = f"{self.folder}/{self.count}_{role}.o"
            r = run(cxx, "-std=c++17", "-O1", "-I", mock, f"-Dkernel_main={role}_main",
                    "-DKERNEL_COMPILE_TIME_ARGS=" + (",".join(map(str, words)) or "0"), "-c", src, "-o", obj)
            assert r.returncode == 0, r.stderr
            objects.append(obj)
        exe = f"{self.folder}/{self.count}"
        r = run(cxx, *self.objects, *objects, "-o", exe)
        assert r.returncode == 0, r.stderr
        return exe

    def launch(self, exe, cbs, drams, cores, fp32=0, arch="wormhole", semaphores=()):
        """cbs: id -> (format, pages, name[, to_dest]); drams: list of (array of pages); cores: list of {role: words}"""
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
        open(exe + ".launch", "w").write("\n".join(lines) + "\n")
        open(exe + ".memory", "wb").write(blob)
        r = run(exe, exe + ".launch", exe + ".memory")
        blob = open(exe + ".memory", "rb").read()
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


def close(name, got, want, bound):
    err = np.linalg.norm(got - want) / np.linalg.norm(want)
    print(f"  {name}: relative error {err:.1e}")
    assert err < bound and np.isfinite(got).all(), name


def gemm(m):
    rng = np.random.default_rng(1)
    exe = m.build({"reader": (f"{here}/mock/gemm_reader.cpp", [2, 2048, 2, 2048]), "compute": (f"{here}/mock/gemm_compute.cpp", []),
                   "writer": (f"{here}/mock/gemm_writer.cpp", [2, 2048])})
    for Mt, Nt, Kt in ((3, 4, 5), (1, 1, 1), (5, 7, 2)):
        a, b = (f32(bf16(rng.standard_normal(s))) for s in ((Mt * 32, Kt * 32), (Kt * 32, Nt * 32)))
        c = np.full((Mt * Nt, 1024), 0x7fff, np.uint16)
        blocks = -(-Mt // 2) * -(-Nt // 3)
        cores = [{"reader": [0x100000, 0x200000, Mt, Nt, Kt, k * blocks // 2, (k + 1) * blocks // 2 - k * blocks // 2],
                  "compute": [Kt, (k + 1) * blocks // 2 - k * blocks // 2],
                  "writer": [0x300000, Mt, Nt, k * blocks // 2, (k + 1) * blocks // 2 - k * blocks // 2]} for k in range(2)]
        rc, err, out = m.launch(exe, {0: ("Float16_b", 8, "A"), 1: ("Float16_b", 12, "B"), 2: ("Float32", 12, "acc"), 16: ("Float16_b", 12, "C")},
                                [pages(bf16(a)), pages(bf16(b)), c], cores, fp32=1)
        assert rc == 0, err
        close(f"gemm {Mt}x{Nt}x{Kt} tiles", f32(matrix(out[2], Mt * 32, Nt * 32)), a.astype(np.float64) @ b, 6e-3)


def flash(m):
    rng = np.random.default_rng(2)
    exe = m.build({"reader": (f"{here}/mock/flash_reader.cpp", [2, 2048] * 3), "compute": (f"{here}/mock/flash_compute.cpp", []),
                   "writer": (f"{here}/mock/flash_writer.cpp", [2, 2048])})
    for blocks in (1, 2, 7):
        q, k, v = (f32(bf16(rng.standard_normal(s))) for s in ((64, 64), (32 * blocks, 64), (32 * blocks, 64)))
        scale = int(np.float32(0.125).view(np.uint32))
        cores = [{"reader": [0x100000, 0x200000, 0x300000, blocks, row], "compute": [blocks, scale], "writer": [0x400000, row]} for row in range(2)]
        names = {3: "one", 4: "s", 5: "p", 9: "row", 12: "new"}
        cbs = {c: ("Float16_b", 1, n) for c, n in names.items()}
        cbs.update({c: ("Float16_b", 2, n) for c, n in {0: "q", 6: "m", 7: "l", 10: "alpha", 11: "pv", 16: "out"}.items()})
        cbs.update({c: ("Float16_b", 4, n) for c, n in {1: "k", 2: "v", 8: "o"}.items()})
        rc, err, out = m.launch(exe, cbs, [pages(bf16(x)) for x in (q, k, v)] + [np.full((4, 1024), 0x7fff, np.uint16)], cores, fp32=1)
        assert rc == 0, err
        s = q.astype(np.float64) @ k.T * 0.125
        p = np.exp(s - s.max(1, keepdims=True))
        close(f"flash, {blocks} blocks", f32(matrix(out[3], 64, 64)), p / p.sum(1, keepdims=True) @ v, 2e-2)


READER = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n%s\n}\n'
ACCESS = "constexpr auto args = TensorAccessorArgs<0>(); const auto t = TensorAccessor(args, 0x100000);\n"
COMPUTE = ''.join(f'#include "api/compute/{h}"\n' for h in (
    "common.h", "tile_move_copy.h", "eltwise_binary.h", "matmul.h", "reduce.h", "bcast.h", "eltwise_unary/exp.h", "eltwise_unary/fill.h")
) + 'void kernel_main() {\ncompute_kernel_hw_startup(0, 16);\n%s\n}\n'
GROUP = "tile_regs_acquire(); %s tile_regs_commit(); cb_reserve_back(16, 1); tile_regs_wait(); %s tile_regs_release(); cb_push_back(16, 1);\n"
FEED = "cb_reserve_back(0, 1); noc_async_read_page(0, t, get_write_ptr(0)); noc_async_read_barrier(); cb_push_back(0, 1);\n"
DRAIN = "cb_wait_front(16, 1); cb_pop_front(16, 1);"
READ = "cb_wait_front(0, 1); copy_init(0);"

# what is wrong -> (reader, compute, writer), and what the message must say
BROKEN = {
    "deadlock": (ACCESS + FEED * 3, "cb_wait_front(0, 1);", "cb_wait_front(16, 1);",
                 "deadlock", "reader line 6 waits in cb_reserve_back(cb 0 'in', 1): 2 of 2", "writer line 3 waits in cb_wait_front(cb 16 'out', 1): 0 of 2"),
    "reserve more than there is": ("cb_reserve_back(0, 3);", None, None, "asks for more than the 2 pages"),
    "wait for more than there is": (None, None, "cb_wait_front(16, 3);", "asks for more than the 2 pages"),
    "push without reserve": ("cb_push_back(0, 1);", None, None, "of 0 reserved pages"),
    "pop without wait": (None, None, "cb_pop_front(16, 1);", "of 0 pages waited for"),
    "a block that wraps": ("cb_reserve_back(1, 2); cb_push_back(1, 2); cb_reserve_back(1, 2);", None, "cb_wait_front(1, 2); cb_pop_front(1, 2);", "wrap"),
    "two producers": ("cb_reserve_back(0, 1); cb_push_back(0, 1);", None, "cb_reserve_back(0, 1);", "two producers"),
    "left over": ("cb_reserve_back(0, 1); cb_push_back(0, 1);", None, None, "1 pages are left in cb 0 'in'"),
    "push before the barrier": (ACCESS + "cb_reserve_back(0, 1); noc_async_read_page(0, t, get_write_ptr(0)); cb_push_back(0, 1);", None, None,
                                "before noc_async_read_barrier"),
    "no barrier at the end": (ACCESS + "cb_reserve_back(0, 1); noc_async_read_page(0, t, get_write_ptr(0));", None, None, "that no noc_async_read_barrier"),
    "read into unreserved space": (ACCESS + "noc_async_read_page(0, t, get_write_ptr(0));", None, None, "outside of what this role reserved"),
    "page out of range": (ACCESS + "cb_reserve_back(0, 1); noc_async_read_page(2, t, get_write_ptr(0));", None, None, "page 2 of 'd0', which has 2"),
    "past the page": (ACCESS + "cb_reserve_back(0, 1); noc_async_read(t.get_noc_addr(0, 1024), get_write_ptr(0), 2048);", None, None, "leave the page"),
    "wrong page size": (ACCESS + "const auto u = TensorAccessor(args, 0x100000, 1024); cb_reserve_back(0, 1); noc_async_read_page(0, u, get_write_ptr(0));",
                        None, None, "pages of 1024 bytes, the buffer of 2048"),
    "misaligned": (ACCESS + "cb_reserve_back(0, 1); noc_async_read(t.get_noc_addr(0, 16), get_write_ptr(0), 32);", None, None, "alignment"),
    "pop before the write left": (None, "tile_regs_acquire(); fill_tile_init(); fill_tile(0, 1.0f); tile_regs_commit(); cb_reserve_back(16, 1); tile_regs_wait();"
                                  "pack_tile(0, 16); tile_regs_release(); cb_push_back(16, 1);",
                                  ACCESS + "cb_wait_front(16, 1); noc_async_write_page(0, t, get_read_ptr(16)); cb_pop_front(16, 1);", "before noc_async_writes_flushed"),
    "no acquire": (ACCESS + FEED, READ + "copy_tile(0, 0, 0);", None, "without tile_regs_acquire"),
    "no commit": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_wait();", None, "would wait for ever"),
    "no wait before pack": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); cb_reserve_back(16, 1); pack_tile(0, 16);", None,
                            "pack_tile without tile_regs_wait"),
    "no release": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); tile_regs_wait(); tile_regs_acquire();", None,
                   "tile_regs_acquire: the pack section"),
    "destination register out of range": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 4);", None, "tile 4 of the destination registers, which hold 4"),
    "empty destination register": (None, "tile_regs_acquire(); exp_tile_init(); exp_tile(1);", None, "holds nothing"),
    "pack outside the reserve": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); tile_regs_wait(); pack_tile(0, 16);", None,
                                 "of which 0 are reserved"),
    "tile not waited for": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 1, 0);", None, "reads tile 1 of cb 0 'in', of which 1 were waited for"),
    "no init": (ACCESS + FEED, "cb_wait_front(0, 1); tile_regs_acquire(); copy_tile(0, 0, 0);", None, "without its init"),
    "init of another operation": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 0); fill_tile_init(); exp_tile(0);", None, "without exp_tile_init"),
    "format not reconfigured": (ACCESS + FEED, READ + "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); cb_reserve_back(17, 1); tile_regs_wait();"
                                "pack_tile(0, 17);", None, "pack_reconfig_data_format is missing"),
    "reduce mask left on": (ACCESS + FEED, "cb_wait_front(0, 1);" + GROUP % (
        "reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(0, 0, 16); copy_init(0); copy_tile(0, 0, 0);", "pack_tile(0, 16);"), DRAIN, "reduce_uninit is missing"),
    "fewer tiles packed than pushed": (ACCESS + FEED, "cb_reserve_back(16, 1); cb_push_back(16, 1);", None, "of 0 packed tiles"),
}


def broken(m):
    ones = np.full((2, 1024), 0x3f80, np.uint16)
    for what, (reader, compute, writer, *says) in BROKEN.items():
        kernels = {"reader": (READER % (reader or ""), [2, 2048]), "compute": (COMPUTE % (compute or ""), []), "writer": (READER % (writer or ""), [2, 2048])}
        exe = m.build(kernels)
        rc, err, _ = m.launch(exe, {0: ("Float16_b", 2, "in"), 1: ("Float16_b", 3, "three"), 16: ("Float16_b", 2, "out"), 17: ("Float32", 2, "wide")},
                              [ones], [{}], fp32=1)
        assert rc == 2, f"{what}: exit status {rc}\n{err}"
        for s in says:
            assert s in err, f"{what}: no '{s}' in\n{err}"
    print(f"  {len(BROKEN)} broken rules are named")


def interface(m):
    """the whole interface compiles against the mock; against the machine's headers too where they are"""
    kernels = {"reader": f"{here}/mock/api_dataflow.cpp", "writer": f"{here}/mock/api_dataflow.cpp", "compute": f"{here}/mock/api_compute.cpp"}
    m.build({role: (path, [2, 2048, 2, 64]) for role, path in kernels.items()})
    kernels = [f"{r}:{p}" for r, p in kernels.items()] + [f"{r}:{here}/mock/{n}_{r}.cpp" for n in ("gemm", "flash") for r in ("reader", "compute", "writer")]
    r = subprocess.run([sys.executable, f"{here}/../../../tools/ttcheck.py", "--fp32-dest", *kernels], capture_output=True, text=True)
    assert r.returncode in (0, 77), r.stdout + r.stderr
    print("  the interface compiles" + ("" if r.returncode else "; the machine's own headers agree"))


def main(folder):
    m = Mock(folder)
    interface(m)
    gemm(m)
    flash(m)
    broken(m)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.makedirs(sys.argv[1], exist_ok=True)
        main(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as d:
            main(d)
