"""The public example set: the source distribution of tilelang 0.1.14 from the package index, by name, kept in a folder that git ignores. Nothing of it is
committed; without a network the tests that need it are skipped."""
import os, subprocess, sys, tarfile, tempfile

VERSION = "0.1.14"
NAME = f"tilelang-{VERSION}"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def cache():
    return os.environ.get("KILN_PUBLIC") or os.path.join(ROOT, "build", "public")


def folder():
    """(the unpacked distribution, None) or (None, why not). KILN_PUBLIC names a folder that has it already, or is to have it."""
    home = os.path.join(cache(), NAME)
    if os.path.isdir(os.path.join(home, "examples")):
        return home, None
    os.makedirs(cache(), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as tmp:
        r = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "tilelang", "-d", tmp,
                            f"tilelang=={VERSION}"], capture_output=True, text=True)
        got = [f for f in os.listdir(tmp) if f.endswith(".tar.gz")]
        if not got:
            return None, f"{NAME}.tar.gz is not to be had: {(r.stderr.strip().splitlines() or ['no answer'])[-1][:200]}"
        with tarfile.open(os.path.join(tmp, got[0])) as tar:
            tar.extractall(os.path.join(tmp, "out"), [m for m in tar.getmembers() if m.isfile() and m.name.endswith((".py", ".md", ".toml"))],
                           **({"filter": "data"} if sys.version_info >= (3, 12) else {}))
        try:
            os.rename(os.path.join(tmp, "out", NAME), home)
        except OSError:             # somebody else was faster
            pass
    return (home, None) if os.path.isdir(home) else (None, f"{NAME}.tar.gz holds no folder of that name")
