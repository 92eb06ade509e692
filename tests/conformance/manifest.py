"""What a row of the manifest is; the rows themselves stand in manifest_*.py, a table for each group of families.

A row is one kernel of the public example set. The files are found by their public names; nothing of them is kept here.

    Row("flash_attention/example_mha_fwd_bshd.py", "flashattn", "main",     file, the name that `kiln check FILE:NAME` takes, the kernel's own name
        own=dict(batch=8, heads=32, ...),                                   the example's own parameters, as -D gives them; list of dicts if it has several
        small=[dict(batch=2, seq_len=70, ...), dict(...)],                  what the interpreter runs: two tiles and a remainder of each free
                                                                            dimension where the program allows one, trip counts 0, 1 and more
        ref="attention.mha_fwd_bshd",                                       refs_attention.py, function mha_fwd_bshd
        inputs=dict(Q="normal", lens="ragged(96)"),                         or "attention.make_varlen", a function
        note="")

own and small: values of parameters and open sizes (T.dynamic, T.const): numbers, booleans, names of types as strings, lists. A name that begins
with an underscore is for the reference and the inputs only and is not given to the command. `module` rebinds module-level names of the file (for
programs that take a size from there): Row(..., module=dict(M=70)) applies to the small settings only.

inputs: for each tensor or scalar parameter a spec; what is not named is "normal" (floats) or zeros, and what the reference gives back is "junk",
so that an element that is not written is found; say "zeros" for what is added to.
    normal | normal(sigma) | zeros | ones | junk | const(x) | perm | perm(n) | range(lo,hi) | ragged(limit) | topk(limit) | a number (scalars)
or a function in refs_*.py: f(rng, p, shapes) -> {name: array}, where p is the setting and shapes {name: (type, shape)}; what it does not name is
drawn as above. Values are rounded to the parameter's type before the kernel and the reference see them.

A reference is a function f(a, p) -> {output: expected}: a holds every parameter as it was before the run (narrow floats as float64, integers as they
are), p the setting. expected is
    a Num (bound.py)         float outputs; the bound has everything but the last rounding to the output's type, which is added from that type
    an integer array         must be equal
    a function of the array  gives None or what is wrong (sets of indices in any order)
It shares no code with any kernel and does not look at tiles, splits or stages: it is the operator's definition, in float64. It may give back a tuple
(expected, note) whose note is printed in the table.

filled: results that the program adds to although nobody has filled them (T.empty): the interpreter says so (E0612), which is right. What is run is the
program with these as parameters, which begin as the inputs say.

also: further small settings, each by what it has otherwise than the first: also=[dict(K=0)].

fixed: what no setting can show since the program does not allow it, and why: keys "remainder", "0", "1", "more" (measure.py); it is filled from the table in
fixed.py. The settings are measured: what they do not show without a reason is a failure, and so is a reason for what they do show.

tables: parameters that hold the addresses of other tensors, each with the pool whose parts these are; pools: a function f(p) -> {pool: (type, shape)}. The
program gets the pools as parameters and is run in this process (library.py), where addresses are known.

refused: codes with which the command may refuse it (only for what is broken in the file itself), with the evidence in note."""
import dataclasses, fnmatch, glob, importlib, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]


@dataclasses.dataclass
class Row:
    file: str
    kernel: str
    prim: str
    own: object
    small: list
    ref: str
    inputs: object = None
    module: dict = None
    refused: tuple = ()
    filled: tuple = ()
    tables: dict = None
    pools: str = ""
    also: list = ()
    fixed: dict = dataclasses.field(default_factory=dict)
    note: str = ""

    @property
    def name(self):
        return f"{self.file}:{self.kernel}" + ("" if self.prim == self.kernel else f" ({self.prim})")

    @property
    def settings(self):
        """the example's own parameters, a dictionary each"""
        return self.own if isinstance(self.own, list) else [self.own]


def rows():
    """all rows of all tables, in the order of the files"""
    out = []
    for path in sorted(glob.glob(os.path.join(HERE, "manifest_*.py"))):
        out += importlib.import_module(os.path.basename(path)[:-3]).ROWS
    for row in out:
        row.small = [*row.small, *({**row.small[0], **other} for other in row.also)]
    for key, reason, patterns in importlib.import_module("fixed").FIXED:
        for pattern in patterns:
            meant = [row for row in out if fnmatch.fnmatchcase(row.name, pattern)]
            assert meant, f"fixed.py: no row is named {pattern}"
            for row in meant:
                row.fixed[key] = reason
    return sorted(out, key=lambda r: r.file)


def function(name):
    """"attention.mha" -> the function mha of refs_attention.py"""
    module, f = name.split(".")
    return getattr(importlib.import_module("refs_" + module), f)
