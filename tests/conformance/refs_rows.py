"""Programs on the rows of a matrix, from their definitions."""
import numpy as np
from bound import Num, maximum, minimum, num, rsqrt, sigmoid, softmax

U = 2.0 ** -24


def add(a, p):
    return {"C": num(a["A"]) + a["B"] if p["in_dtype"] == "float32" else (num(a["A"]) + a["B"]).to("float16")}


def softmax_rows(a, p):
    return {"Y": softmax(num(a["X"]))}


def layernorm(a, p):
    """y = (x - mean) / sqrt(var + eps) gamma + beta, with var = mean(x^2) - mean^2"""
    x = num(a["X"])
    mean = x.mean(1)
    rstd = rsqrt((x * x).mean(1) - mean * mean + p.get("eps", 1e-5))
    y = (x - mean[:, None]) * rstd[:, None] * a["gamma"][None, :] + a["beta"][None, :]
    return {"Y": y, "Mean": mean, "Rstd": rstd}


def layernorm_bwd(a, p):
    """with x^ = (x - mean) rstd and g = dy gamma: dx = rstd (g - mean(g) - x^ mean(g x^)); the sums over rows are added to what is there"""
    xh = (num(a["X"]) - a["Mean"][:, None]) * a["Rstd"][:, None]
    g = num(a["DY"]) * a["gamma"][None, :]
    dx = (g - g.mean(1)[:, None] - xh * (g * xh).mean(1)[:, None]) * a["Rstd"][:, None]
    return {"DX": dx, "DGamma": (xh * a["DY"]).sum(0) + a["DGamma"], "DBeta": num(a["DY"]).sum(0) + a["DBeta"]}


def rms_norm(a, p):
    x = num(a["A"])
    return {"B": x * rsqrt((x * x).mean(1) + 1e-12)[:, None]}


def topk(a, p):
    """greatest first; the values of the test are distinct"""
    order = np.argsort(-a["logits"], axis=1, kind="stable")[:, :p["topk"]]
    return {"topk_gates": Num(np.take_along_axis(a["logits"], order, 1)), "topk_indices": order.astype(np.int32)}


# ---- few bits ----------------------------------------------------------------------------------

def clamp(x, lo, hi):
    return minimum(maximum(x, lo), hi)


def groups_of(x, size):
    """(absolute maximum of each group of `size` columns, that maximum for each column)"""
    n = x.shape[1]
    amax = np.stack([np.abs(x[:, k:k + size]).max(1) for k in range(0, n, size)], 1)
    return amax, np.arange(n) // size


def cast_per_token(a, p):
    """scale = max(|x|) / 448 for each row and 128 columns, at least 1e-4 / 448"""
    amax, of = groups_of(a["X"], 128)
    scale = maximum(num(amax), np.float64(np.float32(1e-4))) / 448.0
    return {"X_fp8": clamp(num(a["X"]) / scale[:, of], -448.0, 448.0), "X_amax": scale}


def group_sizes(rng, p, shapes):
    return {"batch_sizes": np.array(p["_sizes"])}


def cast_groups(a, p):
    """each group's rows as above, padded with zeros"""
    (rows, n), most = a["X"].shape, p["M_max"]
    x8, scale = num(np.zeros((len(a["batch_sizes"]), most, n))), num(np.zeros((len(a["batch_sizes"]), most, -(-n // 128))))
    at = 0
    for g, size in enumerate(a["batch_sizes"]):
        if size:
            one = cast_per_token({"X": a["X"][at:at + size]}, p)
            x8[g, :size], scale[g, :size] = one["X_fp8"], one["X_amax"]
        at += size
    return {"X_fp8": x8, "X_amax": scale}


def power_scale(amax, most):
    """the least power of two that is not below amax / most"""
    m, e = np.frexp(amax / most)
    return np.ldexp(1.0, np.where(m == 0.5, e - 1, e))


def fp8_quant(a, p):
    amax, of = groups_of(a["x"], p["block_size"])
    amax = np.maximum(amax, np.float64(np.float32(1e-4)))
    scale = num(power_scale(amax, 448.0)) if p["round_scale"] else num(amax) * Num(1 / 448.0, U / 448.0)
    q = clamp(num(a["x"]) / scale[:, of], -448.0, 448.0)
    return {"quant": q, "scale": scale}


FP4 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])


def to_fp4(x):
    """the nearest of the 15 values, ties to the even code"""
    far = np.abs(np.abs(x)[..., None] - FP4)
    near = far.min(-1, keepdims=True)
    tied = far == near
    code = np.where(tied.sum(-1) > 1, np.where(tied & (np.arange(8) % 2 == 0), np.arange(8), 0).max(-1), far.argmin(-1))
    return np.copysign(FP4[code], x)


def fp4_quant(a, p):
    amax, of = groups_of(a["x"], p["block_size"])
    scale = power_scale(np.maximum(amax, 6 * 2.0 ** -126), 6.0)
    want = to_fp4(np.clip(a["x"] / scale[:, of], -6, 6))       # scales are powers of two, so nothing but the last rounding is inexact

    def check(got):
        bad = np.argwhere(got != want) if got.shape == want.shape else None
        return f"shape {got.shape}, not {want.shape}" if bad is None else \
            f"{len(bad)} elements, first at {tuple(bad[0])}: {got[tuple(bad[0])]}, not {want[tuple(bad[0])]}" if len(bad) else None
    return {"quant": check, "scale": Num(scale)}


# ---- transforms --------------------------------------------------------------------------------

def hadamard(a, p):
    """B = A H with H[i, j] = (-1)^popcount(i & j). In a narrow type every one of the log2 n steps rounds."""
    n = p["n"]
    i = np.arange(n)
    signs = np.array([[(-1) ** bin(x & y).count("1") for y in i] for x in i], float)
    unit = {"float32": U, "float16": 2.0 ** -11, "bfloat16": 2.0 ** -8}[p["dtype"]]
    steps = 2 * int(np.log2(n))         # a - b is made as (a + b) - 2 b: two roundings a step, the second of numbers up to three times as great
    x = a["A"] @ signs
    return {"B": Num(x, steps * 3 * unit * np.abs(a["A"]).sum(1)[:, None] + 0 * x)}


def philox_block(counter, key):
    """Philox4x32 of ten rounds (Salmon et al., 2011): four words"""
    c, k = list(counter), list(key)
    for _ in range(10):
        x, y = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(y >> 32) ^ c[1] ^ k[0], y & 0xFFFFFFFF, (x >> 32) ^ c[3] ^ k[1], x & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def philox(a, p):
    """number n of sequence 0 is word n % 4 of the block with counter n / 4; the key is the seed"""
    seed = p["seed"]
    words = [philox_block([n // 4, 0, 0, 0], [seed & 0xFFFFFFFF, seed >> 32])[n % 4] for n in range(p["M"])]
    return {"A": np.array(words, np.uint32)}


def convolution(a, p):
    """out[n, y, x, f] = sum over kh, kw, c of data[n, y S + kh D - P, x S + kw D - P, c] kernel[kh, kw, c, f]; 0 outside"""
    d, w = a["data"], a["kernel"]
    s, dil, pad, k = p["S"], p["D"], p["P"], p["K"]
    n, h, wd, c = d.shape
    oh, ow = ((m + 2 * pad - dil * (k - 1) - 1) // s + 1 for m in (h, wd))
    padded = np.zeros((n, h + 2 * pad, wd + 2 * pad, c))
    padded[:, pad:pad + h, pad:pad + wd] = d
    patches = np.stack([padded[:, kh * dil:kh * dil + (oh - 1) * s + 1:s, kw * dil:kw * dil + (ow - 1) * s + 1:s] for kh in range(k) for kw in range(k)], 3)
    out = num(patches.reshape(n * oh * ow, k * k * c)) @ w.reshape(k * k * c, p["F"])
    return {"out": out.reshape(n, oh, ow, p["F"])}


# ---- streams of a layer (manifold-constrained hyper-connections) -------------------------------

def mhc_post(a, p):
    """x[n, o] = c[n, o] d[n] + sum over i of a[n, i, o] b[n, i]"""
    terms = num(a["c"])[:, :, None] * a["d"][:, None, :]
    for i in range(p["hc"]):
        terms = terms + num(a["a"][:, i])[:, :, None] * a["b"][:, i][:, None, :]
    return {"x": terms}


def mhc_pre(a, p):
    hc, h = p["hc_mult"], p["hidden_size"]
    n = a["residual"].shape[0]
    rms = rsqrt(num(a["gemm_out_sqrsum"]).sum(0) / float(hc * h) + p["rms_eps"])
    mixes = num(a["gemm_out_mul"]).sum(0) * rms[:, None]
    scale = a["hc_scale"][np.repeat([0, 1, 2], [hc, hc, hc * hc])]
    mixes = mixes * scale[None] + a["hc_base"][None]
    pre = sigmoid(mixes[:, :hc]) + p["hc_pre_eps"]
    post = sigmoid(mixes[:, hc:2 * hc]) * p["hc_post_mult_value"]
    eps = p["hc_sinkhorn_eps"]
    m = softmax(mixes[:, 2 * hc:].reshape(n, hc, hc)) + eps
    m = m / (m.sum(1, keepdims=True) + eps)
    for _ in range(p["sinkhorn_repeat"] - 1):
        m = m / (m.sum(2, keepdims=True) + eps)
        m = m / (m.sum(1, keepdims=True) + eps)
    layer = (num(a["residual"]) * pre[:, :, None]).sum(1)
    return {"post_mix": post, "comb_mix": m.reshape(n, hc * hc), "layer_input": layer}


def tfloat32_fn(rng, p, shapes):
    """values that tfloat32 holds: 10 bits after the point"""
    m, e = np.frexp(rng.standard_normal(shapes["fn"][1]))
    return {"fn": np.ldexp(np.rint(m * 2048) / 2048, e)}


def mhc_gemm_sqrsum(a, p):
    """the squares are of the operands' type, tfloat32"""
    x = num(a["x"])
    return {"out": x @ a["fn"].T, "sqrsum": (x * x).to("tfloat32").sum(1)}


def doubly_stochastic(rng, p, shapes):
    r = np.exp(rng.uniform(0, 4, shapes["out"][1]))
    for _ in range(200):
        r /= r.sum(-2, keepdims=True)
        r /= r.sum(-1, keepdims=True)
    return {"out": r}


def sinkhorn_bwd(a, p):
    """The gradient through the fixed point R of the normalisation: (dR - x1 1^T - 1 x2^T) R with [I R; R^T I] (x1, x2) = row and column sums of R dR.
    The matrix is singular along (1, -1), which changes nothing. Conjugate gradients in float32 end within 2 n steps as near as steps * U * condition
    of the rest allows (Greenbaum 1997); the 1e-10 in the denominators stops them at a residual of its square root."""
    out = np.zeros_like(a["out"])
    err = np.zeros_like(a["out"])
    n = p["n_stream"]
    for k, (r, d) in enumerate(zip(a["out"], a["dout"])):
        m = np.block([[np.eye(n), r], [r.T, np.eye(n)]])
        b = np.concatenate([(r * d).sum(1), (r * d).sum(0)])
        x = np.linalg.lstsq(m, b, rcond=1e-6)[0]
        values = np.linalg.eigvalsh(m)
        condition = values[-1] / values[values > 1e-4 * values[-1]][0]
        e = condition * (2 * n * U * condition * np.abs(x).max() + 1e-5)
        out[k] = (d - x[:n, None] - x[None, n:]) * r
        err[k] = 2 * e * np.abs(r) + 4 * U * (np.abs(d) + 2 * np.abs(x).max()) * np.abs(r)
    return {"res": Num(out, err)}
