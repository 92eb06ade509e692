"""The delta rule with a decay 2^(g_i - g_j) for every channel. g falls within a chunk; where a tile passes through a narrow type the reference says
so with .to(type)."""
import numpy as np
from bound import Num, exp2, num, where
from refs_linear import causal, each_chunk

U = 2.0 ** -24


def gates(rng, p, shapes):
    """sums of small negative numbers in each chunk; rows of keys have length 1; blocks of the diagonal are small and below it"""
    made = {}
    name = next(n for n in ("GK", "G", "g") if n in shapes)
    g = -rng.uniform(0, 0.4, shapes[name][1])
    for b, h, rows, _ in each_chunk(p):
        g[b, rows, h] = np.cumsum(g[b, rows, h], 0)
    made[name] = g
    for n in ("K", "k", "W", "Q", "q"):
        if n in shapes:
            x = rng.standard_normal(shapes[n][1])
            made[n] = x / np.linalg.norm(x, axis=-1, keepdims=True)
    if "Akk_diag" in shapes:
        made["Akk_diag"] = 0.3 * rng.standard_normal(shapes["Akk_diag"][1])
    return made


def decay(g, by=None):
    """2^(g_i - g_j) for j <= i, [i, j, channel]; kernels may take the step in two, through a position between"""
    d = g[:, None] - (g if by is None else by)[None]
    x = np.exp2(np.minimum(d, 0)) * causal(len(g))[:, :, None]
    return Num(x, x * (16 + 4 * np.abs(d)) * U)



def chunk_o(a, p):
    """o = (scale q 2^g) h + (A M) v"""
    out = num(np.zeros(a["V"].shape))
    for b, h, rows, c in each_chunk(p):
        q = (num(a["Q"][b, rows, h]) * p["scale"]).to(p["input_dtype"])
        q = (q * exp2(num(a["GK"][b, rows, h]))).to(p["input_dtype"])
        low = np.tril(a["A"][b, rows, h, :rows.stop - rows.start])
        out[b, rows, h] = q @ a["HIDDEN"][b, c, h] + num(low) @ a["V"][b, rows, h]
    return {"O": out}


def delta_h(a, p):
    """v' = u - w h; h = 2^g_last h + k^T v'"""
    states = num(np.zeros(a["h"].shape))
    final, fresh = num(a["initial_state"].copy()), num(np.zeros(a["V_new"].shape))
    for b, h, rows, c in each_chunk(p):
        state = num(a["initial_state"][b, h]) if c == 0 else state
        used = state.to(p["input_dtype"])
        v = num(a["U"][b, rows, h]) - num(a["W"][b, rows, h]) @ used
        states[b, c, h], fresh[b, rows, h] = used, v
        if p["use_gk"]:
            state = state * exp2(num(a["GK"][b, rows.stop - 1, h]))[:, None]
        state = state + num(a["K"][b, rows, h].T) @ v.to(p["output_dtype"])
        final[b, h] = state
    return {"h": states, "final_state": final, "V_new": fresh}


def wy_fast(a, p):
    """u = A (beta v), w = A (beta k 2^g), kg = k 2^(g_last - g)"""
    narrow = p["input_dtype"]
    u, w, kg = num(np.zeros(a["V"].shape)), num(np.zeros(a["K"].shape)), num(np.zeros(a["K"].shape))
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        m, beta, k, g = num(a["A"][b, rows, h, :n]), a["Beta"][b, rows, h][:, None], num(a["K"][b, rows, h]), num(a["G"][b, rows, h])
        u[b, rows, h] = m @ (num(a["V"][b, rows, h]) * beta).to(narrow)
        w[b, rows, h] = m @ ((k * beta).to(narrow) * exp2(g)).to(narrow)
        kg[b, rows, h] = k * exp2(g[-1:] - g)
    return {"U": u, "W": w, "KG": kg, "QG": Num(np.zeros(a["QG"].shape), np.inf)}


def bwd_dv(a, p):
    """dv = (A M)^T dO"""
    out = num(np.zeros(a["dv"].shape))
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        out[b, rows, h] = num(np.tril(a["A"][b, rows, h, :n]).T) @ a["DO"][b, rows, h]
    return {"dv": out}


def bwd_dA(a, p):
    """dA = scale (dO v^T) M"""
    out = num(np.zeros(a["dA"].shape))
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        out[b, rows, h, :n] = where(causal(n) > 0, (num(a["DO"][b, rows, h]) @ a["V"][b, rows, h].T) * p["scale"], 0.0)
    return {"dA": out}


def bwd_dqkwg(a, p):
    """dq = scale dO h^T 2^g, dk = v dh^T 2^(g_last - g), dw = -dv h^T, dg = q dq - k dk, and in the last row of a chunk also
    the sums of k dk and of h dh 2^g_last"""
    dq, dk, dw, dg = (num(np.zeros(a["Q"].shape)) for _ in range(4))
    for b, h, rows, c in each_chunk(p):
        g, state, ds = num(a["G"][b, rows, h]), a["h"][b, c, h], a["Dh"][b, c, h]
        x = (num(a["DO"][b, rows, h]) @ state.T) * p["scale"] * exp2(g)
        y = (num(a["V"][b, rows, h]) @ ds.T) * exp2(g[-1:] - g)
        dq[b, rows, h], dk[b, rows, h], dw[b, rows, h] = x, y, -(num(a["dv"][b, rows, h]) @ state.T)
        z = x * a["Q"][b, rows, h] - y * a["K"][b, rows, h]
        z[-1] = z[-1] + ((y * a["K"][b, rows, h]).sum(0) + (num(state) * ds).sum(1) * exp2(g[-1]))
        dg[b, rows, h] = z
    return {"dq": dq, "dk": dk, "dw": dw, "dg": dg}


def delta_bwd(a, p):
    """from the last chunk: dv' = k dh + dv; dh = 2^g_last dh + scale q^T dO - w^T dv'"""
    states = num(np.zeros(a["dh"].shape))
    first, fresh = num(a["dht"] * p["use_final_state_gradient"]), num(np.zeros(a["dv2"].shape))
    for b, h, rows, c in each_chunk(p, last=True):
        if rows.stop == p["S"]:
            state = num(a["dht"][b, h]) if p["use_final_state_gradient"] else num(np.zeros((p["DK"], p["DV"])))
        used = state.to(p["output_dtype"])
        v = num(a["K"][b, rows, h]) @ used + a["dv"][b, rows, h]
        states[b, c, h], fresh[b, rows, h] = used, v.to(p["input_dtype"])
        if p["use_gk"]:
            state = state * exp2(num(a["GK"][b, rows.stop - 1, h]))[:, None]
        state = state + (num(a["Q"][b, rows, h].T) @ a["dO"][b, rows, h]) * p["scale"] - num(a["W"][b, rows, h].T) @ v.to(p["input_dtype"])
        first[b, h] = state
    return {"dh": states, "dh0": first, "dv2": fresh}


def wy_bwd(a, p):
    """with X = A^T dw, Y = A^T du, kb = beta k 2^g: dk += beta 2^g X, dg += X kb, dv = beta Y, dbeta = rows of X k 2^g + Y v, and
    dA = -(A^T strict(dw kb^T + du (beta v)^T) A^T), strictly below the diagonal"""
    out = {n: num(np.zeros(a[m].shape)) for n, m in (("dA", "A"), ("dk2", "K"), ("dv", "V"), ("dbeta", "Beta"), ("dg2", "GK"))}
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        k, v, dw, du, beta = (a[x][b, rows, h] for x in ("K", "V", "dw", "du", "Beta"))
        m, g = num(a["A"][b, rows, h, :n]), exp2(num(a["GK"][b, rows, h]))
        kb = num(k) * beta[:, None] * g
        low = np.tril(np.ones((n, n)), -1) > 0
        z = where(low, num(dw) @ kb.T + num(du) @ (num(v) * beta[:, None]).T, 0.0)
        out["dA"][b, rows, h, :n] = where(low, -(m.T @ (z @ m.T)), 0.0)
        x, y = m.T @ dw, m.T @ du
        out["dk2"][b, rows, h] = x * g * beta[:, None] + a["dk"][b, rows, h]
        out["dg2"][b, rows, h] = x * kb + a["dg"][b, rows, h]
        out["dv"][b, rows, h] = y * beta[:, None]
        out["dbeta"][b, rows, h] = (x * k * g).sum(1) + (y * v).sum(1)
    return out


def intra_tokens(a, p):
    """inside each part of a chunk: Aqk[i, j] = q_i . (k_j 2^(g_i - g_j)) for j <= i, Akk[i, j] = beta_i k_i . (k_j 2^(g_i - g_j)) for j < i; 0 elsewhere"""
    cs, part = p["chunk_size"], p["sub_chunk_size"]
    qk, kk = num(np.zeros(a["Aqk"].shape)), num(np.zeros(a["Akk"].shape))
    for b, h, rows, _ in each_chunk(dict(p, chunk_size=part)):
        n, at = rows.stop - rows.start, rows.start % cs
        q, k, beta = a["Q"][b, rows, h], a["K"][b, rows, h], a["Beta"][b, rows, h]
        w = decay(a["GK"][b, rows, h]) * k[None]
        kb = (num(k) * beta[:, None]).to(p["input_dtype"])
        qk[b, rows, h, at:at + n] = (w * q[:, None]).sum(-1)
        s = (w * Num(kb.x[:, None], kb.e[:, None])).sum(-1)
        kk[b, rows, h, :n] = where(np.tril(np.ones((n, n)), -1) > 0, s, 0.0)
    return {"Aqk": qk, "Akk": kk}


def inter_solve(a, p):
    """Aqk: scale q_i . (k_j 2^(g_i - g_j)) between the parts of a chunk. Akk: the inverse of I + L, where L has beta_i k_i . (k_j 2^(g_i - g_j)) between
    the parts and is given inside them. A solve by substitution is as far off as cond(I + L) n u allows (Higham ch. 8), by blocks four times; blocks
    above the diagonal are not written."""
    cs, part = p["chunk_size"], p["sub_chunk_size"]
    qk, kk = Num(np.zeros(a["Aqk"].shape), np.inf), Num(np.zeros(a["Akk"].shape), np.inf)
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        block = np.arange(n) // part
        across, inside = block[:, None] > block[None, :], block[:, None] == block[None, :]
        q, k, beta = a["Q"][b, rows, h], a["K"][b, rows, h], a["Beta"][b, rows, h]
        w = decay(a["GK"][b, rows, h]) * k[None]
        s = (w * q[:, None]).sum(-1) * p["scale"]
        qk[b, rows, h, :n] = Num(s.x, np.where(across, s.e, np.inf))
        low = (w * k[:, None]).sum(-1) * beta[:, None]
        diag = np.zeros((n, n))
        for f in range(0, n, part):
            own = np.tril(a["Akk_diag"][b, rows, h][f:f + part], -1)
            diag[f:f + part, f:f + part] = own[:, :len(own)]
        m = np.eye(n) + np.where(across, low.x, diag)
        x = np.tril(np.linalg.inv(m))
        size = np.abs(x) @ (np.abs(m) * 16 * n * U + np.where(across, low.e, 0)) @ np.abs(x)
        kk[b, rows, h, :n] = Num(x, np.where(across | inside, size, np.inf))
    return {"Aqk": qk, "Akk": kk}


def bwd_intra(a, p):
    """of Aqk[i, j] = q_i . (k_j 2^(g_i - g_j)) and Akk[i, j] = beta_i k_i . (k_j 2^(g_i - g_j)), j <= i in a chunk, with their gradients given:
    x_i = sum over j of dAqk[i, j] k_j 2^(g_i - g_j), y_i the same of dAkk, z_j = sum over i of (dAqk[i, j] q_i + dAkk[i, j] beta_i k_i) 2^(g_i - g_j);
    dq += x, dk += beta y + z, db = y . k (a part for each block of channels), dg += q x + (beta y - z) k"""
    block = p["block_DK"]
    out = {n: num(np.zeros(a[n].shape)) for n in ("dq2", "dk2", "db2", "dg2")}
    for b, h, rows, _ in each_chunk(p):
        n = rows.stop - rows.start
        q, k, beta = a["q"][b, rows, h], a["k"][b, rows, h], a["beta"][b, rows, h]
        dqk, dkk = a["dAqk"][b, rows, h, :n], a["dAkk"][b, rows, h, :n]
        w = decay(a["g"][b, rows, h])
        wk = w * k[None]
        x, y = (wk * dqk[:, :, None]).sum(1), (wk * dkk[:, :, None]).sum(1)
        z = (w * (num(dqk[:, :, None] * q[:, None]) + num(dkk)[:, :, None] * (num(beta[:, None]) * k)[:, None])).sum(0)
        by = y * beta[:, None]
        out["dq2"][b, rows, h] = x + a["dq"][b, rows, h]
        out["dk2"][b, rows, h] = by + z + a["dk"][b, rows, h]
        out["dg2"][b, rows, h] = x * q + (by - z) * k + a["dg"][b, rows, h]
        for c in range(0, k.shape[1], block):
            out["db2"][c // block, b, rows, h] = (y * k)[:, c:c + block].sum(1)
    return out
