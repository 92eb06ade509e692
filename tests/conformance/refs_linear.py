"""Attention without softmax: o_i = sum over j <= i of (q_i . k_j) v_j, its kin with decays, and the gated delta rule in the form of chunks.

Where a tile passes through a narrow type on its way from one product to the next, the reference says so with .to(type): the scores, and the state
between chunks, are rounded in every implementation."""
import numpy as np
from bound import Num, exp, num, where

U = 2.0 ** -24
UNIT = {"float16": 2.0 ** -11, "bfloat16": 2.0 ** -8, "float32": U}


def heads(x):
    """[B, S, H, ...] -> [B, H, S, ...]"""
    return np.moveaxis(x, 2, 1)


def causal(n):
    return np.tril(np.ones((n, n)))


def masked(q, k, v, m, passes, unit=2.0 ** -11):
    """((q k^T) m) v with an error of `passes` roundings to the narrow type anywhere on the way, and the sums' own: every term is a product of
    three inputs, so it moves by that share of its magnitude, whichever way the sum is cut into chunks"""
    x = ((q @ k.swapaxes(-1, -2)) * m) @ v
    size = ((np.abs(q) @ np.abs(k).swapaxes(-1, -2)) * m) @ np.abs(v)
    return Num(x, (passes * unit * (1 + unit) ** passes + (q.shape[-1] + k.shape[-2] + 64) * U) * size)


def back(n):
    return Num(np.moveaxis(n.x, 1, 2), np.moveaxis(n.e, 1, 2))


def forward(a, p):
    """q, the scores and the state are rounded to the inputs' type"""
    q, k, v = (heads(a[n]) for n in "QKV")
    scale = p["DK"] ** -0.5
    o = back(masked(q * scale, k, v, causal(p["S"]), 3))
    state = num(k.swapaxes(-1, -2)) @ v
    return {"O": o, "final_state": state}


def backward(a, p):
    """with D = dO V^T: dQ = s (D M) K, dK = s (D M)^T Q, dV = s (Q K^T M)^T dO"""
    q, k, v, g = (heads(a[n]) for n in ("Q", "K", "V", "dO"))
    m, s = causal(p["S"]), p["DK"] ** -0.5
    return {"dQ": back(masked(g, v, k, m, 2)) * s, "dK": back(masked(v, g, q * s, m.T, 3)), "dV": back(masked(k, q * s, g, m.T, 3))}


def retention(a, p):
    """o_i = sum over j <= i of (q_i . k_j) d^(i - j) v_j with d = 1 - 2^(-5 - head); a part for each 64 columns of q and k. In fp16 pass q, the
    scores, the state, and v times its decay."""
    n = p["S"]
    away = np.arange(n)[:, None] - np.arange(n)[None, :]
    decay = np.stack([np.where(away >= 0, (1 - 2.0 ** (-5 - h)) ** np.maximum(away, 0), 0) for h in range(p["H"])])
    q, k, v = (heads(a[x]) for x in "QKV")
    parts = [back(masked(q[..., c:c + 64] * p["DK"] ** -0.5, k[..., c:c + 64], v, decay, 4)) for c in range(0, p["DK"], 64)]
    return {"O": Num(np.stack([o.x for o in parts]), np.stack([o.e for o in parts]))}


# ---- state space models ------------------------------------------------------------------------

def decays(rng, p, shapes):
    """sums of small negative steps within each chunk, steps between 0 and 1"""
    shape = shapes["dA_cumsum"][1]
    return dict(dA_cumsum=-np.cumsum(rng.uniform(0, 0.1, shape), -1), dt=rng.uniform(0, 1, shape))


def chunks(x, size):
    """[B, S, ...] -> [B, S / size, size, ...]"""
    return x.reshape(x.shape[0], -1, size, *x.shape[2:])


def chunk_scan(a, p):
    """out_l = exp(A_l) C_l . state + sum over s <= l of cb[l, s] exp(A_l - A_s) dt_s x_s + D x_l; in fp16 pass cb with its decay, and times dt"""
    size, per = p["chunk_size"], p["nheads"] // p["ngroups"]
    x, c = chunks(a["x"], size), chunks(a["C"], size)
    out = num(np.zeros(x.shape))
    for b, k, h in np.ndindex(x.shape[0], x.shape[1], p["nheads"]):
        da, dt = num(a["dA_cumsum"][b, h, k]), a["dt"][b, h, k]
        state = (num(c[b, k, :, h // per]) @ a["prev_states"][b, k, h].T) * exp(da)[:, None]
        w = (num(a["cb"][b, k, h // per]) * exp(da[:, None] - da[None, :])).to("float16")
        w = where(causal(size) > 0, (w * dt[None, :]).to("float16"), 0.0)
        out[b, k, :, h] = state + w @ x[b, k, :, h] + num(x[b, k, :, h]) * a["D"][h]
    return {"Output": out.reshape(a["x"].shape)}


def chunk_state(a, p):
    """state[p, n] = sum over l of x[l, p] exp(A_last - A_l) dt_l B[l, n]; x with its factor passes through fp16"""
    size, per = p["chunk_size"], p["nheads"] // p["ngroups"]
    x, bm = chunks(a["x"], size), chunks(a["B"], size)
    out = num(np.zeros((x.shape[0], x.shape[1], p["nheads"], p["headdim"], p["dstate"])))
    for b, k, h in np.ndindex(*out.shape[:3]):
        da = num(a["dA_cumsum"][b, h, k])
        scale = exp(da[-1:] - da) * a["dt"][b, h, k]
        out[b, k, h] = (num(x[b, k, :, h]) * scale[:, None]).to("float16").T @ bm[b, k, :, h // per]
    return {"Output": out}


# ---- the gated delta rule ----------------------------------------------------------------------

def each_chunk(p, last=None):
    """(batch, head, rows of a chunk, which chunk), first chunk first"""
    size = p["chunk_size"]
    for b, h in np.ndindex(p["B"], p["H"]):
        order = range(-(-p["S"] // size))
        for k in (order if not last else reversed(order)):
            yield b, h, slice(k * size, min((k + 1) * size, p["S"])), k


def delta_inputs(rng, p, shapes):
    """rows of length 1; gates are sums of logarithms of numbers below 1 within a chunk"""
    made = {}
    for name in ("K", "W", "U", "Q"):
        if name in shapes:
            x = rng.standard_normal(shapes[name][1])
            made[name] = x / np.linalg.norm(x, axis=-1, keepdims=True)
    g = -rng.uniform(0, 0.3, shapes["G"][1])
    for b, h, rows, _ in each_chunk(p):
        g[b, rows, h] = np.cumsum(g[b, rows, h])
    return dict(made, G=g)


def gate(g):
    """exp of a gate; kernels take base 2 with log2(e) to seven digits"""
    return exp(Num(g.x, g.e + 5e-8 * np.abs(g.x)))


def at_most(d, x):
    """x where the difference of gates is not positive, else 0"""
    return where(d.x <= 0, x, 0.0)


def chunk_cumsum(a, p):
    """running sums within each chunk, forwards or backwards"""
    g = a["G"] if p.get("head_first") else np.moveaxis(a["G"], 2, 1)
    x, e = np.zeros(g.shape), np.zeros(g.shape)
    for at in range(0, p["S"], p["chunk_size"]):
        rows = slice(at, at + p["chunk_size"])
        turn = (lambda v: v[..., ::-1]) if p.get("reverse") else (lambda v: v)
        x[..., rows] = turn(np.cumsum(turn(g[..., rows]), -1))
        e[..., rows] = p["chunk_size"] * U * turn(np.cumsum(turn(np.abs(g[..., rows])), -1))
    out = Num(x, e)
    return {"G_new": out if p.get("head_first") else back(out)}


def chunk_kkt(a, p):
    """A[i, j] = beta_i k_i . k_j exp(g_i - g_j) for j < i, in a chunk; beta k passes through the inputs' type"""
    size = p["chunk_size"]
    out = num(np.zeros((p["B"], p["S"], p["H"], size)))
    for b, h, rows, _ in each_chunk(p):
        k, n = a["K"][b, rows, h], rows.stop - rows.start
        s = (num(k) * a["Beta"][b, rows, h][:, None]).to(p["input_dtype"]) @ k.T
        if p["use_g"]:
            g = num(a["G"][b, rows, h])
            d = g[:, None] - g[None, :]
            s = at_most(d, s * exp(num(np.minimum(d.x, 0.0)) + Num(0 * d.x, d.e)))
        out[b, rows, h, :n] = where(np.tril(np.ones((n, n)), -1) > 0, s, 0.0)
    return {"A": out}


def decay_matrix(g):
    """exp(g_i - g_j) where it is at most 1, else 0"""
    d = g[:, None] - g[None, :]
    return at_most(d, gate(Num(np.minimum(d.x, 0.0), d.e)))


def chunk_o(a, p):
    """o = scale (q h exp(g) + (q k^T decay M) v); the scores pass through the inputs' type"""
    out = num(np.zeros((p["B"], p["S"], p["H"], p["DV"])))
    for b, h, rows, c in each_chunk(p):
        q, k, v = (a[n][b, rows, h] for n in "QKV")
        o, s = num(q) @ a["HIDDEN"][b, c, h], num(q) @ k.T
        if p["use_g"]:
            g = num(a["G"][b, rows, h])
            o, s = o * gate(g)[:, None], s * decay_matrix(g)
        s = where(causal(len(q)) > 0, s, 0.0).to(p["input_dtype"])
        out[b, rows, h] = (o + s @ v) * p["scale"]
    return {"O": out}


def delta_h(a, p):
    """chunk by chunk, with h the state, rounded where it is used: v' = u - w h; then h = exp(g_last) h + k^T (v' exp(g_last - g))"""
    wide, narrow = p["output_dtype"], p["input_dtype"]
    states = num(np.zeros((p["B"], p["S"] // p["chunk_size"], p["H"], p["DK"], p["DV"])))
    final, fresh = num(a["initial_state"].copy()), num(np.zeros((p["B"], p["S"], p["H"], p["DV"])))
    for b, h, rows, c in each_chunk(p):
        state = num(a["initial_state"][b, h]) if c == 0 else state
        used = state.to(narrow)
        v = num(a["U"][b, rows, h]) - num(a["W"][b, rows, h]) @ used
        states[b, c, h], fresh[b, rows, h] = used, v
        if p["use_g"]:
            g = num(a["G"][b, rows, h])
            d = g[-1:] - g
            v = at_most(d, v.T * gate(d)).T
            state = state * gate(g[-1:])[:, None]
        state = state + num(a["K"][b, rows, h].T) @ v.to(wide)
        final[b, h] = state
    return {"h": states, "final_state": final, "V_new": fresh}


def wy_fast(a, p):
    """u = A (beta v), w = A (beta exp(g) k); both factors pass through the inputs' type"""
    u, w = num(np.zeros(a["V"].shape)), num(np.zeros(a["K"].shape))
    for b, h, rows, _ in each_chunk(p):
        m = num(a["A"][b, rows, h, :rows.stop - rows.start])
        beta = a["Beta"][b, rows, h][:, None]
        u[b, rows, h] = m @ (num(a["V"][b, rows, h]) * beta).to(p["input_dtype"])
        w[b, rows, h] = m @ ((num(a["K"][b, rows, h]) * beta).to(p["input_dtype"]) * exp(num(a["G"][b, rows, h]))[:, None]).to(p["input_dtype"])
    return {"U": u, "W": w}


def delta_bwd(a, p):
    """from the last chunk: dv' = k dh exp(g_last - g) + dv; dh = exp(g_last) dh + scale (q exp(g))^T dO - w^T dv'. The gated q passes tf32."""
    narrow = p["input_dtype"]
    states = num(np.zeros((p["B"], p["S"] // p["chunk_size"], p["H"], p["DK"], p["DV"])))
    first, fresh = num(a["dht"] * p["use_final_state_gradient"]), num(np.zeros((p["B"], p["S"], p["H"], p["DV"])))
    for b, h, rows, c in each_chunk(p, last=True):
        if rows.stop == p["S"]:
            state = num(a["dht"][b, h]) if p["use_final_state_gradient"] else num(np.zeros((p["DK"], p["DV"])))
        states[b, c, h] = state
        v = num(a["K"][b, rows, h]) @ state.to(p["output_dtype"])
        q = num(a["Q"][b, rows, h])
        if p["use_g"]:
            g = num(a["G"][b, rows, h])
            d = g[-1:] - g
            v = at_most(d, v.T * exp(d)).T
            q = q * exp(g)[:, None]
            state = state * exp(g[-1:])[:, None]
        v = v + a["dv"][b, rows, h]
        fresh[b, rows, h] = v
        q = (q * p["scale"]).to("tfloat32")
        state = state + q.T @ a["dO"][b, rows, h] - num(a["W"][b, rows, h].T) @ v.to(narrow)
        first[b, h] = state
    return {"dh": states, "dh0": first, "dv2": fresh}


def gates_to_zero(rng, p, shapes):
    """falling to 0 at the end of each chunk"""
    g = rng.uniform(0.01, 0.2, shapes["G"][1])
    for b, h, rows, _ in each_chunk(p):
        g[b, rows, h] = np.concatenate([np.cumsum(g[b, rows, h][::-1])[::-1][1:], [0]])
    return {"G": g}


def chunk_o_bwd(a, p):
    """with D[i, j] = (dO_i . v_j) exp(g_i - g_j) for j <= i: dq = scale (dO h^T exp(g) + D k), dk = v dh^T exp(g_last - g) + scale D^T q, dw = -dv h^T"""
    dq, dk, dw = (num(np.zeros(a["Q"].shape)) for _ in range(3))
    for b, h, rows, c in each_chunk(p):
        q, k, v, do = (a[n][b, rows, h] for n in ("Q", "K", "V", "dO"))
        d, x, y = num(do) @ v.T, num(do) @ a["h"][b, c, h].T, num(v) @ a["dh"][b, c, h].T
        if p["use_g"]:
            g = num(a["G"][b, rows, h])
            d, x, y = d * decay_matrix(g), x * exp(g)[:, None], y * exp(g[-1:] - g)[:, None]
        d = where(causal(len(q)) > 0, d, 0.0).to(p["output_dtype"])
        dq[b, rows, h], dk[b, rows, h] = (x + d @ k) * p["scale"], y + (d.T @ q) * p["scale"]
        dw[b, rows, h] = -(num(a["dv"][b, rows, h]) @ a["h"][b, c, h].T)
    return {"dq": dq, "dk": dk, "dw": dw, "dg": Num(np.zeros(a["dg"].shape), np.inf)}


def wy_inputs(rng, p, shapes):
    made = {n: rng.standard_normal(shapes[n][1]) for n in ("K", "V")}
    return {n: x / np.linalg.norm(x, axis=-1, keepdims=True) for n, x in made.items()}


def wy_bwd(a, p):
    """with X = A^T dw and Y = A^T du: dA = dw (beta exp(g) k)^T + du (beta v)^T, dk = beta exp(g) X, dv = beta Y,
    dbeta = rows of X k exp(g) + Y v, dg = rows of X k exp(g) beta"""
    narrow = p["input_dtype"]
    out = {n: num(np.zeros(a[m].shape)) for n, m in (("dA", "A"), ("dk", "K"), ("dv", "V"), ("dbeta", "Beta"), ("dg", "G"))}
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        k, v, dw, du, beta = (a[x][b, rows, h] for x in ("K", "V", "dw", "du", "Beta"))
        m, g = num(a["A"][b, rows, h, :n]), exp(num(a["G"][b, rows, h]))
        kb = ((num(k) * beta[:, None]).to(narrow) * g[:, None]).to(narrow)
        out["dA"][b, rows, h, :n] = num(dw) @ kb.T + num(du) @ (num(v) * beta[:, None]).to(narrow).T
        x, y = m.T @ dw, m.T @ du
        out["dk"][b, rows, h], out["dv"][b, rows, h] = x * beta[:, None] * g[:, None], y * beta[:, None]
        out["dbeta"][b, rows, h] = (x * k * g[:, None]).sum(1) + (y * v).sum(1)
        out["dg"][b, rows, h] = (x * k * g[:, None] * beta[:, None]).sum(1)
    return out


def wy_bwd_split(a, p):
    """A is the inverse of I + L with L the strict lower part of (beta k) k^T decay. With Z = -(A^T strict(dA) A^T) strict decay:
    dk += Z^T (beta k) + beta (Z k), dbeta = rows of (Z k) k, and Z (beta k k^T) is the gates' share, as it stands and transposed"""
    narrow, size = p["input_dtype"], p["chunk_size"]
    dk, db = num(a["dk"]).copy(), num(np.zeros(a["Beta"].shape))
    rise, fall = num(np.zeros(a["A"].shape)), num(np.zeros(a["A"].shape))
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        low = np.tril(np.ones((n, n)), -1) > 0
        k, beta, m = a["K"][b, rows, h], a["Beta"][b, rows, h], num(a["A"][b, rows, h, :n])
        z = (where(low, num(a["dA"][b, rows, h, :n]), 0.0) @ m.T).to(narrow)
        z = where(low, -(m.T @ z), 0.0) * decay_matrix(num(a["G"][b, rows, h]))
        zn = z.to(narrow)
        kb = (num(k) * beta[:, None]).to(narrow)
        y = zn @ k
        dk[b, rows, h] = zn.T @ kb + (y * beta[:, None]).to(narrow) + a["dk"][b, rows, h]
        db[b, rows, h] = (y * k).sum(1)
        g = z * (kb @ k.T)
        rise[b, rows, h, :n], fall[b, rows, h, :n] = g, g.T
    return {"dk": dk, "dbeta_k": db, "dg_A_positive": rise, "dg_A_negative": fall}
