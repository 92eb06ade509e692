#!/usr/bin/env python3
"""GEMM and attention on a Hopper GPU: right against float64, and TFLOP/s beside torch (cuBLASLt) and FlashAttention-3.

usage: hopper.py [--kiln build/kiln] [--out FILE.json] [--quick]

Every figure is the median of 30 device-timed runs on random normal data; the clock is what nvidia-smi reports between runs.
Needs torch; FlashAttention-3 is measured when `flash_attn_interface` or `fa3_fwd_interface` can be imported, else torch's own.
"""
import argparse, importlib, json, os, re, subprocess, sys, tempfile
import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
GEMMS = [(4096, 4096, 4096), (8192, 8192, 8192), (4096, 7168, 2048)]
ATTENTIONS = [(16, 1024), (8, 2048), (4, 4096), (2, 8192)]  # batch, length; 16 query heads, 4 key heads, 128 columns
HEADS, KV_HEADS, COLUMNS = 16, 4, 128


def kiln(args, *words):
    p = subprocess.run([args.kiln, *words], capture_output=True, text=True)
    if p.returncode:
        sys.exit(f"{' '.join([args.kiln, *words])}\n{p.stdout}{p.stderr}")
    return p.stdout


def bind(**values):
    return [w for k, v in values.items() for w in ("-D", f"{k}={v}")]


def bf16(path, t):
    np.save(path, t.contiguous().view(torch.int16).cpu().numpy().view(np.uint16))


def from_bf16(path, shape):
    return torch.from_numpy(np.load(path).view(np.int16).reshape(shape)).view(torch.bfloat16)


def seconds(args, program, values):
    out = kiln(args, "run", program, *bind(**values), "--device=cuda", "--repeat=30")
    return float(re.search(r"([0-9.eE+-]+) s\b", out).group(1))


def torch_seconds(fn):
    flush = torch.empty(64 << 20, dtype=torch.int32, device="cuda")
    for _ in range(5):
        fn()
    times = []
    for _ in range(30):
        flush.zero_()
        torch.cuda._sleep(600_000)  # so that the host's share of the call is hidden
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record()
        fn()
        b.record()
        torch.cuda.synchronize()
        times.append(a.elapsed_time(b) / 1e3)
    return sorted(times)[len(times) // 2]


def error(got, want):
    return float((got.double() - want).norm() / want.norm())


def attention_reference(q, k, v):
    """float64, one head at a time"""
    B, S, H, D = q.shape
    out = torch.empty(q.shape, dtype=torch.float64)
    hidden = torch.ones(S, S, dtype=torch.bool, device=q.device).triu(1)
    for b in range(B):
        for h in range(H):
            g = h // (H // k.shape[2])
            s = (q[b, :, h].double() @ k[b, :, g].double().T) * D**-0.5
            out[b, :, h] = (s.masked_fill(hidden, -torch.inf).softmax(-1) @ v[b, :, g].double()).cpu()
    return out


def check(args, tmp):
    """odd sizes, against float64"""
    torch.manual_seed(1)
    rows = []
    for M, N, K in [(300, 200, 328), (257, 1000, 64), (128, 136, 8)]:
        A, B, c = (torch.randn(s, device="cuda").bfloat16() for s in ((M, K), (K, N), (N,)))
        for n, t in (("A", A), ("B", B), ("bias", c)):
            bf16(f"{tmp}/{n}.npy", t)
        kiln(args, "run", "lib/gemm.py", *bind(M=M, N=N, K=K), "--device=cuda",
             *[f"--input={n}={tmp}/{n}.npy" for n in ("A", "B", "bias")], f"--output=C={tmp}/C.npy")
        want = (A.double() @ B.double() + c.double()).relu().cpu()
        rows.append((f"gemm {M}x{N}x{K}", error(from_bf16(f"{tmp}/C.npy", (M, N)), want)))
    for B, S in [(2, 300), (1, 129), (1, 1000)]:
        q = torch.randn(B, S, HEADS, COLUMNS, device="cuda").bfloat16()
        k, v = (torch.randn(B, S, KV_HEADS, COLUMNS, device="cuda").bfloat16() for _ in range(2))
        for n, t in (("Q", q), ("K", k), ("V", v)):
            bf16(f"{tmp}/{n}.npy", t)
        kiln(args, "run", "lib/attention.py", *bind(B=B, Sq=S, Sk=S, H=HEADS, Hkv=KV_HEADS, D=COLUMNS), "--device=cuda",
             *[f"--input={n}={tmp}/{n}.npy" for n in ("Q", "K", "V")], f"--output=O={tmp}/O.npy")
        rows.append((f"attention {B}x{S}", error(from_bf16(f"{tmp}/O.npy", q.shape), attention_reference(q, k, v))))
    for name, e in rows:
        print(f"  {name:24} relative error {e:.1e}{'' if e < 1e-2 else '   WRONG'}", flush=True)
    return [{"case": n, "error": e} for n, e in rows]


def gemms(args):
    rows = []
    for M, N, K in GEMMS:
        a, b, c = (torch.randn(s, device="cuda").bfloat16() for s in ((M, K), (N, K), (N,)))
        flop = 2 * M * N * K
        ours = flop / seconds(args, "lib/gemm.py", dict(M=M, N=N, K=K, act="none")) / 1e12
        peer = flop / torch_seconds(lambda: torch.nn.functional.linear(a, b, c)) / 1e12
        rows.append({"case": f"gemm {M}x{N}x{K}", "kiln": ours, "cublaslt": peer, "ratio": ours / peer})
        print(f"  gemm {M:5} x {N:5} x {K:5}   kiln {ours:6.1f}   cuBLASLt {peer:6.1f}   {ours / peer:.2f}", flush=True)
    return rows


def flash_attention_3():
    for name in ("flash_attn_interface", "fa3_fwd_interface"):
        try:
            return importlib.import_module(name).flash_attn_func
        except ImportError as e:
            why = e
    print(f"  FlashAttention-3 is not here ({why}); torch's own attention instead")
    return None


def attentions(args):
    fa3 = flash_attention_3()
    rows = []
    for B, S in ATTENTIONS:
        q = torch.randn(B, S, HEADS, COLUMNS, device="cuda").bfloat16()
        k, v = (torch.randn(B, S, KV_HEADS, COLUMNS, device="cuda").bfloat16() for _ in range(2))
        flop = 4 * B * HEADS * S * S * COLUMNS / 2
        ours = flop / seconds(args, "lib/attention.py", dict(B=B, Sq=S, Sk=S, H=HEADS, Hkv=KV_HEADS, D=COLUMNS)) / 1e12
        if fa3:
            call = lambda: fa3(q, k, v, causal=True)
        else:
            x, y, z = (t.transpose(1, 2) for t in (q, k, v))
            call = lambda: torch.nn.functional.scaled_dot_product_attention(x, y, z, is_causal=True, enable_gqa=True)
        peer, name = flop / torch_seconds(call) / 1e12, "fa3" if fa3 else "sdpa"
        rows.append({"case": f"attention causal {B}x{S}", "kiln": ours, name: peer, "ratio": ours / peer})
        print(f"  attention causal {B:2} x {S:5}   kiln {ours:6.1f}   {name} {peer:6.1f}   {ours / peer:.2f}", flush=True)
    return rows


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--kiln", default=os.path.join(HERE, "..", "build", "kiln"))
    p.add_argument("--out")
    p.add_argument("--quick", action="store_true", help="correctness only")
    args = p.parse_args()
    clock = subprocess.run(["nvidia-smi", "--query-gpu=name,clocks.sm", "--format=csv,noheader"], capture_output=True, text=True).stdout.strip()
    print(clock)
    with tempfile.TemporaryDirectory() as tmp:
        result = {"device": clock, "torch": torch.__version__, "check": check(args, tmp)}
    if not args.quick:
        result["gemm"], result["attention"] = gemms(args), attentions(args)
    if args.out:
        json.dump(result, open(args.out, "w"), indent=1)


main()
