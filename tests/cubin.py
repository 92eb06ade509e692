"""The CUDA text of every program of the tree becomes an sm_90a cubin through NVRTC, when NVRTC can be found (KILN_NVRTC, the system's, or
the wheel's). The pipelined gemm and the attention must have come out as what they are for: TMA, mbarriers and WGMMA in the machine code's
own assembly."""
import ctypes, glob, os, sys
from corpus import programs, title
from kiln import ALL, Report, call


def find():
    names = [os.environ.get("KILN_NVRTC", "")] + ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"]
    for folder in sys.path:
        names += sorted(n for n in glob.glob(os.path.join(folder, "nvidia/*/lib/libnvrtc.so*")) if "builtins" not in n)
    for name in filter(None, names):
        try:
            return ctypes.CDLL(name), name
        except OSError:
            pass
    return None, None


NVRTC, PATH = find()


def compile_text(text, options):
    """(cubin or None, PTX, log)"""
    prog = ctypes.c_void_p()
    NVRTC.nvrtcCreateProgram(ctypes.byref(prog), text.encode(), b"kernel.cu", 0, None, None)
    opts = [o.encode() for o in options]
    status = NVRTC.nvrtcCompileProgram(prog, len(opts), (ctypes.c_char_p * len(opts))(*opts))

    def blob(size, get):
        n = ctypes.c_size_t()
        if getattr(NVRTC, size)(prog, ctypes.byref(n)) != 0:
            return b""
        buf = ctypes.create_string_buffer(n.value or 1)
        getattr(NVRTC, get)(prog, buf)
        return buf.raw[:n.value]

    log = blob("nvrtcGetProgramLogSize", "nvrtcGetProgramLog").decode(errors="replace")
    cubin = blob("nvrtcGetCUBINSize", "nvrtcGetCUBIN") if status == 0 else None
    ptx = blob("nvrtcGetPTXSize", "nvrtcGetPTX").decode(errors="replace") if status == 0 else ""
    NVRTC.nvrtcDestroyProgram(ctypes.byref(prog))
    return cubin, ptx, log


def check(path, defines):
    status, text, err = call("emit", path, "--target=cuda", *[w for d in defines for w in ("-D", d)])
    if status:
        return err
    cubin, ptx, log = compile_text(text, ["--gpu-architecture=sm_90a", "--std=c++17", "--device-as-default-execution-space"])
    if not cubin:
        return log[-1500:] or "no cubin and no log"
    if cubin[:4] != b"\x7fELF":
        return "not a cubin"
    default = not any(d.startswith("BM=") for d in defines)
    if ptx and default and any(n in path for n in ("lib/gemm.py", "lib/attention.py")):
        missing = [w for w in ("wgmma.mma_async", "cp.async.bulk.tensor", "mbarrier.try_wait") if w not in ptx]
        if missing:
            return f"the machine code has no {missing}"
    return None


def main():
    report = Report()
    cases = [(path, opts, defines) for path, opts, defines in programs() if ALL or path.startswith(("lib/", "examples/"))]
    if not NVRTC:
        report.skip("NVRTC is not here: pip install nvidia-cuda-nvrtc, or KILN_NVRTC=path of libnvrtc.so", len(cases))
    else:
        print(PATH)
        report.each([(title(p, o), lambda p=p, d=d: check(p, d)) for p, o, d in cases])
    report.done()


if __name__ == "__main__":
    main()
