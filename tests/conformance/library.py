"""A run in this process, through the library: for a kernel that finds its tensors by their addresses, which a command that reads files cannot give it."""
import ctypes, os
from kiln import KILN

MAXDIM = 8
STATUS = {1: "the program is wrong", 2: "the call is wrong", 3: "the environment", 4: "internal"}


class Source(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), *((name, ctypes.c_char_p) for name in ("path", "text", "entry")), ("bind", ctypes.POINTER(ctypes.c_char_p)),
                *((name, ctypes.c_char_p) for name in ("target", "stage", "stop_after")),
                *((name, ctypes.c_int) for name in ("stages", "groups", "roles", "color", "werror", "remarks")), ("flags", ctypes.POINTER(ctypes.c_char_p))]


class Arg(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_char_p), ("ndim", ctypes.c_int), ("dim", ctypes.c_int64 * MAXDIM), ("i", ctypes.c_int64),
                ("f", ctypes.c_double)]


def load():
    lib = ctypes.CDLL(os.path.join(os.path.dirname(KILN), "libkiln.so"))
    for name in ("kiln_open", "kiln_compile"):
        getattr(lib, name).restype = ctypes.c_void_p
    lib.kiln_messages.restype = ctypes.c_char_p
    return lib


def run(text, device, params, arrays):
    """a program without open sizes on arrays of the parameters' types, in order, which are written in place; gives None or what is wrong"""
    lib = load()
    context = ctypes.c_void_p(lib.kiln_open())
    source = Source(size=ctypes.sizeof(Source), path=b"program.py", text=text.encode(), stage=b"tile")
    try:
        kernel = ctypes.c_void_p(lib.kiln_compile(context, ctypes.byref(source)))
        if not kernel:
            return lib.kiln_messages(context).decode()
        args = (Arg * len(params))()
        for arg, p, x in zip(args, params, arrays):
            assert x.flags.c_contiguous and x.shape == p.shape
            arg.data, arg.dtype, arg.ndim, arg.i = x.ctypes.data, p.dtype.encode(), x.ndim, 1
            arg.dim[:x.ndim] = x.shape
        status = lib.kiln_run(kernel, device.encode(), args, len(params), None)
        lib.kiln_free(kernel)
        return f"{STATUS[status]}: {lib.kiln_messages(context).decode()}" if status else None
    finally:
        lib.kiln_close(context)
