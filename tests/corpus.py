"""Every program in the tree that is meant to be right, with the options that make it small: of lib/ and examples/ here, of the others from the line
"# run: ..." in the file itself (options of `kiln run`; a file without one is not run)."""
import glob, os, shlex
from kiln import ROOT

LIB = [
    ("lib/add.py", "-D M=70 -D N=200"),
    ("lib/gemm.py", "-D M=150 -D N=140 -D K=212 -D BM=64 -D BN=64 -D BK=32"),
    ("lib/gemm.py", "-D M=150 -D N=140 -D K=212 -D act=silu"),
    ("lib/attention.py", "-D B=2 -D Sq=75 -D Sk=170 -D H=4 -D Hkv=2 -D D=64 -D BM=32 -D BN=32"),
    ("lib/attention.py", "-D B=1 -D Sq=150 -D Sk=200 -D H=2 -D Hkv=1 -D D=64"),
    ("lib/attention.py", "-D B=1 -D Sq=40 -D Sk=90 -D H=2 -D Hkv=1 -D D=32 -D BM=32 -D BN=32 -D causal=False -D dtype=float16"),
    ("lib/decode.py", "-D H=8 -D Hkv=2 -D D=64 -D page=32 -D BG=32 -D splits=3 -D B=3 -D pages=20 -D width=6 --input table=perm --input length=ragged(192)"),
    ("lib/decode.py", "-D H=8 -D Hkv=2 -D D=64 -D B=3 -D pages=20 -D width=6 --input table=perm --input length=ragged(384)"),
    ("lib/dsa.py", "-D S=100 -D HI=5 -D DI=32 -D H=16 -D D=64 -D DV=32 -D topk=20 -D BM=32 -D BN=32 -D BH=32 -D BI=32"),
    ("lib/dsa.py", "-D S=130 -D HI=4 -D DI=64 -D H=16 -D D=64 -D DV=64 -D topk=70"),
]
EXAMPLES = [
    ("examples/00_three_roles.py", "-D M=70 -D N=140"),
    ("examples/01_scale.py", "-D n=700"),
    ("examples/02_softmax.py", "-D m=70 -D n=90"),
    ("examples/03_matmul.py", "-D M=150 -D N=140 -D K=100"),
    ("examples/04_dynamic.py", "-D rows=150 --input length=ragged(128)"),
    ("examples/05_two_launches.py", "-D m=70 -D n=140"),
    ("examples/06_gather.py", "-D tokens=70 -D vocab=50 -D width=72"),
    ("examples/07_kernels.py:block", ""),
]


def programs():
    """(path, options as a list, the -D's alone as NAME=VALUE)"""
    rows = [(path, shlex.split(opts)) for path, opts in LIB + EXAMPLES]
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/*/*.py")) + glob.glob(os.path.join(ROOT, "tests/target/*/*.py"))):
        for line in open(path):
            if line.startswith("# run:"):
                rows.append((os.path.relpath(path, ROOT), shlex.split(line[6:])))
    out = []
    for path, opts in rows:
        defines = [opts[i + 1] for i, o in enumerate(opts) if o == "-D"]
        out.append((path, opts, defines))
    return out


def title(path, opts):
    return path + " " + " ".join(o for o in opts if o != "-D")
