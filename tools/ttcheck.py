#!/usr/bin/env python3
"""Type-check Metalium kernels against the headers of the ttnn wheel, with a plain host g++ (12 or newer): names, numbers and types of
arguments, in every compilation the machine's own build would make (reader, writer, and the three threads of compute). It proves nothing
about behaviour; that is what the mock is for.

usage: ttcheck.py [--arch wormhole|blackhole|both] [--cb ID=FORMAT ...] [--args W,W,...] [--fp32-dest] ROLE:FILE...
       ttcheck.py --fetch         gets the package with pip and unpacks its headers (about 100 MB)

ROLE is reader, writer or compute; FORMAT a data format (Float16_b, Float32, Int32, ...), Float16_b where nothing is said. When
a plan.json beside the kernel names its file, the formats, the width of the destination registers and the number of compile-time words
are taken from there.
The headers are looked for in $KILN_TTNN, else in ~/.cache/kiln/ttnn. Exit status: 0 right, 1 errors, 77 no headers."""
import argparse, glob, hashlib, json, os, re, shutil, subprocess, sys, tempfile, zipfile

VERSION = "0.81.1"
HERE = os.path.dirname(os.path.abspath(__file__))
HOME = os.environ.get("KILN_TTNN") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kiln", "ttnn")
FORMATS = {"Float32": (0, 4096), "Float16": (1, 2048), "Float16_b": (5, 2048), "Bfp8_b": (6, 1088), "Bfp4_b": (7, 576),
           "Int32": (8, 4096), "UInt16": (9, 2048), "UInt32": (24, 4096), "Fp8_e4m3": (26, 1024), "UInt8": (30, 1024)}
# architecture -> folder of the kernels, folder of the registers, compiler's own macro, defines of the memory
ARCHES = {
    "wormhole": ("wormhole_b0", "wormhole", "__riscv_xtttensixwh",
                 ["IS_NOT_POW2_NUM_DRAM_BANKS=1", "NUM_DRAM_BANKS=12", "NUM_L1_BANKS=72"]),
    "blackhole": ("blackhole", "blackhole", "__riscv_xtttensixbh",
                  ["LOG_BASE_2_OF_NUM_DRAM_BANKS=3", "NUM_DRAM_BANKS=8", "NUM_L1_BANKS=130"]),
}

# what an older g++ rejects in the headers themselves, whatever the kernel says
KNOWN = re.compile(r"static assertion failed: INSTRUCTION_MODE must be one of|#pragma GCC unroll.* requires an assignment-expression")


def fetch():
    """the wheel from the package registry; only its header folders are kept"""
    os.makedirs(HOME, exist_ok=True)
    with tempfile.TemporaryDirectory() as d:
        subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.10", "-d", d,
                        f"ttnn=={VERSION}"], check=True)
        with zipfile.ZipFile(glob.glob(d + "/*.whl")[0]) as z:
            z.extractall(HOME, [n for n in z.namelist() if re.match(r"ttnn/tt_metal/(hw|tt-llk|hostdevcommon|api)/", n)])
    print(f"headers of ttnn {VERSION} in {HOME}")


def vector_names(metal):
    """what the headers take from sfpi:: and what sfpi.h does not declare, as declarations"""
    base = open(HERE + "/ttcheck/sfpi.h").read()
    enums, constants, functions, builtins, plain, vectors = {}, set(), set(), set(), set(), set()
    for root in ("hw/ckernels", "tt-llk", "hw/inc"):
        for path in glob.glob(f"{metal}/{root}/**/*.h", recursive=True):
            if "quasar" in path:
                continue
            text = open(path, errors="replace").read()
            if "sfp" not in text:
                continue
            for e, v in re.findall(r"sfpi::(\w+)::(\w+)", text):
                enums.setdefault(e, set()).add(v)
            vectors.update(re.findall(r"\b(v(?:Float|Int|UInt|SMag|Mag|Lut)[0-9]\w*)", text))
            constants.update(re.findall(r"\b(SFP[A-Z0-9]+_(?:MOD[01]|IMM|RND)\w*)", text))
            functions.update(re.findall(r"sfpi::(\w+)\s*(?:<[^;()]*>)?\(", text))
            builtins.update(re.findall(r"\b(__builtin_rvtt_\w+)", text))
            plain.update(re.findall(r"(?<![\w:.])([a-z_][a-z0-9_]*)\(", text) if "using namespace sfpi" in text else [])
    known = set(re.findall(r"\b\w+\b", base))
    # functions that are called without the namespace somewhere
    functions.update(plain & {
        "lut", "lut2", "lut2_sign", "setexp", "setsgn", "setman", "exexp", "exexp_nodebias", "exman8", "exman9", "addexp", "shft", "lz",
        "lz_nosgn", "vec_swap", "vec_min_max", "subvec_transp", "subvec_shflror1", "subvec_shflshr1", "approx_recip", "approx_exp"})
    integers = {"exexp", "exexp_nodebias", "exman", "exman8", "exman9", "lz", "lz_nosgn", "fractional_mul"}
    out = []
    for e in sorted(set(enums) - known):
        out.append(f"enum class {e} {{ {', '.join(sorted(enums[e] | ({'LRegCount'} if e == 'LRegs' else set())))} }};")
    for v in sorted(vectors - known):
        out.append(f"struct {v} : vec<FLOAT> {{ using vec<FLOAT>::vec; }};")
    for c in sorted(constants - known):
        out.append(f"constexpr unsigned {c} = 0;")
    for f in sorted(functions - known - set(enums)):
        if f[0] == "v" and f[1:2].isupper():
            continue
        if f.startswith("is_"):
            out.append(f"RETURNS(vBool, {f})")
        elif f in integers:
            out.append(f"RETURNS(vInt, {f})")
        elif f in ("vec_swap", "vec_min_max", "subvec_transp"):
            out.append(f"template <class... A> inline void {f}(A &...) {{}}")
        else:
            out.append(f"RETURNS_FIRST({f})")
    out.append("}")
    out += [f"template <class... A> inline unsigned {b}(A...) {{ return 0; }}" for b in sorted(builtins)]
    out.append("namespace sfpi {")
    return "#pragma once\n" + "\n".join(out) + "\n"


def vector_names_once(metal):
    """reading thousands of headers takes a while; what came of it is kept beside them"""
    stamp = hashlib.sha256(open(__file__, "rb").read() + open(HERE + "/ttcheck/sfpi.h", "rb").read()).hexdigest()[:16]
    kept = f"{HOME}/sfpi_names-{stamp}.h"
    if os.path.exists(kept):
        return open(kept).read()
    text = vector_names(metal)
    try:
        with open(f"{kept}.{os.getpid()}", "w") as f:
            f.write(text)
        os.rename(f"{kept}.{os.getpid()}", kept)
    except OSError:
        pass
    return text


def array(kind, name, values):
    return f"constexpr {kind} {name}[32] = {{{', '.join(map(str, values))}}};\n"


def descriptors(formats, fp32_dest):
    """what the machine's build generates from the circular buffers of a program"""
    codes, sizes = [f[0] for f in formats], [f[1] for f in formats]
    shape = [("num_faces", 4), ("face_r_dim", 16), ("r_dim", 32), ("c_dim", 32)]
    side = {}
    for s in ("unpack", "pack"):
        text = array("uint8_t" if s == "unpack" else "unsigned char", f"{s}_src_format", codes)
        text += array("uint8_t" if s == "unpack" else "unsigned char", f"{s}_dst_format", codes)
        text += "".join(array("uint8_t", f"{s}_tile_{n}", [v] * 32) for n, v in shape)
        faces = (("partial_face", 0), ("narrow_tile", 0), ("num_faces_r_dim", 2), ("num_faces_c_dim", 2))
        text += "".join(array("uint8_t", f"{s}_{n}", [v] * 32) for n, v in faces)
        side[s] = text + array("uint16_t", f"{s}_tile_size", sizes)
    return f"""#pragma once
#include <cstdint>
#if defined(UCK_CHLKC_MATH) || defined(UCK_CHLKC_PACK)
#include "llk_defs.h"
constexpr ckernel::MathFidelity MATH_FIDELITY = static_cast<ckernel::MathFidelity>(4);
constexpr bool APPROX = false;
#endif
#if !defined(UCK_CHLKC_PACK)
{side['unpack']}#endif
#if !defined(UCK_CHLKC_MATH) && !defined(UCK_CHLKC_UNPACK)
{side['pack']}#if defined(UCK_CHLKC_PACK)
{array('uint8_t', 'unpack_src_format', codes)}#endif
#endif
#if defined(UCK_CHLKC_MATH) || defined(UCK_CHLKC_PACK) || defined(UCK_CHLKC_UNPACK)
constexpr bool DST_ACCUM_MODE = {'true' if fp32_dest else 'false'};
#define DST_SYNC_MODE DstSync::SyncHalf
#endif
"""


class Checker:
    def __init__(self, arch, formats, words, fp32_dest):
        self.metal = f"{HOME}/ttnn/tt_metal"
        self.kernels, self.registers, self.macro, memory = ARCHES[arch]
        self.folder = tempfile.mkdtemp(prefix="ttcheck")
        self.unit = self.folder + "/unit"
        os.mkdir(self.unit)
        os.makedirs(self.folder + "/sys")
        self.write("sys/_stdint.h", "#include <cstdint>\n")
        self.write("chlkc_descriptors.h", descriptors(formats, fp32_dest))
        self.write("defines_generated.h", "#pragma once\n#define NOC_MODE 0\n")
        self.write("sfpi_names.h", vector_names_once(self.metal))
        m, k, a = self.metal, self.kernels, self.registers
        folders = [self.unit, self.folder, HOME + "/ttnn", HOME + "/ttnn/ttnn", HOME + "/ttnn/ttnn/cpp"] + [f"{m}/{x}" for x in (
            "hw/inc", "tt-llk/common", "tt-llk/tools/include", "hostdevcommon/api", "api", f"hw/ckernels/{k}/metal/common",
            f"hw/ckernels/{k}/metal/llk_io",
            "hw/inc/internal/tt-1xx", f"hw/inc/internal/tt-1xx/{a}", f"hw/inc/internal/tt-1xx/{a}/{k}_defines",
            f"hw/inc/internal/tt-1xx/{a}/noc",
            f"tt-llk/tt_llk_{k}/common/inc", f"tt-llk/tt_llk_{k}/llk_lib", "hw/firmware/src/tt-1xx", f"hw/ckernels/{k}/metal/llk_api",
            f"hw/ckernels/{k}/metal/llk_api/llk_sfpu")] + [HERE + "/ttcheck"]
        defines = memory + ["IS_NOT_POW2_NUM_L1_BANKS=1", "PCIE_NOC_X=0", "PCIE_NOC_Y=3", "TENSIX_FIRMWARE",
                            "LOCAL_MEM_EN=0", "ROUTING_FW_ENABLED",
                            "PROGRAMMABLE_CORE_TYPE=0", "ARCH_" + a.upper(), "DISPATCH_MESSAGE_ADDR=4290183304", "KERNEL_BUILD",
                            'FULL_KERNEL_NAME="k"', "KERNEL_COMPILE_TIME_ARGS=" + words]
        self.command = (["g++", "-std=c++20", "-fsyntax-only", "-fpermissive", "-w", "-O1", "-ffast-math", "-fno-exceptions", "-fno-rtti"]
                        + ["-I" + f for f in folders] + ["-D" + d for d in defines])

    def write(self, name, text):
        open(f"{self.folder}/{name}", "w").write(text)

    def compile(self, label, defines, main):
        r = subprocess.run(self.command + ["-D" + d for d in defines] + [f"{self.metal}/hw/firmware/src/tt-1xx/{main}"],
                           capture_output=True, text=True, cwd=self.unit)
        errors = [line.replace(HOME, "$KILN_TTNN") for line in r.stderr.splitlines() if "error" in line]
        ok = r.returncode == 0 or (errors and all(KNOWN.search(line) for line in errors))
        errors = [line for line in errors if not KNOWN.search(line)]
        print(f"{label:28} {'ok' if ok else f'{len(errors)} errors'}")
        for line in errors[:int(os.environ.get("NERR", "6"))]:
            print("    " + line[:300])
        return ok

    def check(self, role, path, arch):
        text = f'void kernel_main();\n#line 1 "{os.path.abspath(path)}"\n' + open(path).read()
        if role != "compute":
            reader = role == "reader"
            self.write("kernel_includes.hpp", text)
            return self.compile(f"{arch} {role}", ["PROCESSOR_INDEX=%d" % reader, "COMPILE_FOR_" + ("NCRISC" if reader else "BRISC"),
                                                   "NOC_INDEX=%d" % (not reader), "NOC_MODE=0"], "ncrisck.cc" if reader else "brisck.cc")
        ok = True
        for i, thread in enumerate(("unpack", "math", "pack")):
            self.write(f"chlkc_{thread}.cpp", f'#define TRISC_{thread.upper()}\n#include "defines_generated.h"\n{text}')
            ok &= self.compile(f"{arch} compute, {thread}", [self.macro + "=1", f"PROCESSOR_INDEX={i + 2}", "UCK_CHLKC_" + thread.upper(),
                                                            f"COMPILE_FOR_TRISC={i}"], "trisck.cc")
        return ok


def planned(path, formats, fp32_dest, words):
    """formats, fp32-dest and compile-time words (two a tensor) as the plan beside the kernel says"""
    plan = os.path.join(os.path.dirname(os.path.abspath(path)), "plan.json")
    for launch in json.load(open(plan))["launches"] if os.path.exists(plan) else []:
        for kernel in launch["kernels"]:
            if os.path.basename(path) == kernel["file"]:
                formats = list(formats)
                for cb in launch["circular_buffers"]:
                    formats[cb["id"]] = FORMATS[cb["format"]]
                return formats, launch["fp32_dest_acc_en"], ",".join(["2,2048"] * len(kernel["accessors"]))
    return formats, fp32_dest, words


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--fetch", action="store_true")
    p.add_argument("--arch", default="both", choices=list(ARCHES) + ["both"])
    p.add_argument("--cb", action="append", default=[], metavar="ID=FORMAT")
    p.add_argument("--args", default=",".join(["2", "2048"] * 8))
    p.add_argument("--fp32-dest", action="store_true")
    p.add_argument("kernel", nargs="*", metavar="ROLE:FILE")
    a = p.parse_args()
    if a.fetch:
        fetch()
    if not os.path.isdir(f"{HOME}/ttnn/tt_metal/hw"):
        print(f"no headers of ttnn {VERSION} in {HOME}: ttcheck.py --fetch gets them")
        sys.exit(0 if a.fetch and not a.kernel else 77)
    formats = [FORMATS["Float16_b"]] * 32
    for s in a.cb:
        k, f = s.split("=")
        formats[int(k)] = FORMATS[f]
    ok, checkers = True, {}
    for arch in ARCHES if a.arch == "both" else [a.arch]:
        for s in a.kernel:
            role, path = s.split(":", 1)
            form, fp32_dest, words = planned(path, formats, a.fp32_dest, a.args)
            key = (arch, tuple(form), fp32_dest, words)
            if key not in checkers:
                checkers[key] = Checker(arch, form, words, fp32_dest)
            ok &= checkers[key].check(role, path, arch)
    for c in checkers.values():
        shutil.rmtree(c.folder)
    sys.exit(not ok)


if __name__ == "__main__":
    main()
