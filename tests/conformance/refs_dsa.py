"""The index of a sparse attention: scores of a small multi-query attention without softmax, their choice, and what is done with them."""
import numpy as np
from bound import Num, absolute, einsum, exp, maximum, num, where
from kiln import rounded
from refs_mla import _rows, make_tokens


def scaled(q, dtype):
    """queries times D^-0.5, rounded to their type: one product in float32 and one rounding, the same everywhere, so that it is exact here"""
    return num(rounded(q.astype(np.float32) * np.float32(q.shape[-1] ** -0.5), dtype))


# ---- scores ---------------------------------------------------------------------------------------

def _logits(q, k, scale, w):
    """sum over heads of relu(q . k) scale w: q [S, H, D], k [N, D], scale [N], w [S, H]"""
    s = maximum(einsum("shd,nd->shn", q, k) * scale[None, None, :], 0.0)
    return (s * num(w)[:, :, None]).sum(1)


def mqa_logits(a, p):
    """only what a query may see is defined: keys from its start to its end"""
    heads = a["Weights"].shape[1]
    l = _logits(a["IndexQ"].reshape(-1, heads, a["IndexQ"].shape[1]), a["IndexK"], a["IndexKScale"], a["Weights"])
    n = np.arange(l.shape[1])[None, :]
    return {"Logits": l.any_value((n < a["CuSeqLenKS"][:, None]) | (n >= a["CuSeqLenKE"][:, None]))}


def pool_logits(a, p):
    b = {"IndexK": a["IndexBlockedK"], "IndexKScale": a["IndexBlockedKScale"], "CuSeqLenKS": a["CuSeqLenBlockedKS"],
        "CuSeqLenKE": a["CuSeqLenBlockedKE"]}
    return mqa_logits({**a, **b}, p)


def block_logits(a, p):
    """the keys of the blocks that a query names, in the order of their names; outside of its range -inf"""
    heads, size = p["heads"], p["kv_block_size"]
    q = a["IndexQ"].reshape(-1, heads, a["IndexQ"].shape[1])
    n = len(a["IndexK"])
    out = Num(np.zeros(a["Logits"].shape))
    for s in range(len(q)):
        keys = (a["TopKBlockIndex"][s][:, None] * size + np.arange(size)).reshape(-1)
        ok = (keys >= a["CuSeqLenKS"][s]) & (keys < a["CuSeqLenKE"][s])
        at = np.minimum(keys, n - 1)
        out[s] = where(ok, _logits(q[s:s + 1], a["IndexK"][at], a["IndexKScale"][at], a["Weights"][s:s + 1])[0], -np.inf)
    return {"Logits": out}


def make_ranges(rng, p, shapes, ks="CuSeqLenKS", ke="CuSeqLenKE", n=None):
    """rows see from a start to an end in the keys: neighbours alike, an empty range among them"""
    rows = shapes[ks][1][0]
    n = n if n is not None else next(shapes[x][1][0] for x in ("IndexK", "IndexBlockedK") if x in shapes)
    start = np.sort(rng.integers(0, max(n // 2, 1), rows))
    end = np.minimum(start + rng.integers(min(1, n), max(n, 2), rows), n)
    end[rows // 2] = start[rows // 2]
    out = {ks: start, ke: end}
    for name, (dtype, shape) in shapes.items():
        if name.endswith("KScale"):
            out[name] = rng.uniform(0.1, 0.11, shape)
        if name == "TopKBlockIndex":
            blocks = -(-n // p["kv_block_size"])
            out[name] = np.stack([rng.permutation(blocks)[:shape[1]] for _ in range(shape[0])])
    if "Logits" in shapes and "IndexBlockedK" in shapes:
        out["Logits"] = np.zeros(shapes["Logits"][1])
    return out


def make_pool_ranges(rng, p, shapes):
    return make_ranges(rng, p, shapes, "CuSeqLenBlockedKS", "CuSeqLenBlockedKE")


def make_logit_ranges(rng, p, shapes):
    return {**make_ranges(rng, p, shapes, n=shapes["Logits"][1][1]), "Logits": rng.standard_normal(shapes["Logits"][1])}


def make_logit_ranges_nonempty(rng, p, shapes):
    out = make_logit_ranges(rng, p, shapes)
    out["CuSeqLenKE"] = np.maximum(out["CuSeqLenKE"], out["CuSeqLenKS"] + 1)
    return out


def clean(a, p):
    n = np.arange(a["Logits"].shape[1])[None, :]
    out = (n < a["CuSeqLenKS"][:, None]) | (n >= a["CuSeqLenKE"][:, None])
    return {"Logits": Num(np.where(out, -np.inf, a["Logits"]))}


def clean_keep_ends(a, p):
    """and the first and last key of a range are kept for sure: +inf"""
    n = np.arange(a["Logits"].shape[1])[None, :]
    ends = (n == a["CuSeqLenKS"][:, None]) | (n == a["CuSeqLenKE"][:, None] - 1)
    return {"Logits": Num(np.where(ends, np.inf, clean(a, p)["Logits"].x))}


# ---- means of blocks of keys ----------------------------------------------------------------------

def block_means(a, p):
    """the mean of each block of scaled keys (which pass through float8 after scaling), again as float8 with a scale of its own"""
    size = p["pooling_block_size"]
    x = (num(a["K"]) * a["KScale"][:, None]).to("float8_e4m3fn")
    means = [x[at:at + size].sum(0) * (1.0 / len(x[at:at + size])) for at in range(0, len(a["K"]), size)]
    scales = [maximum(absolute(m).max(0) * (1.0 / 448.0), 1e-10) for m in means]
    k, s = Num(np.zeros((len(means), x.shape[1]))), Num(np.zeros(len(means)))
    for i, (m, scale) in enumerate(zip(means, scales)):
        k[i], s[i] = m / scale, scale
    return {"BlockedK": k, "BlockedKScale": s}


def make_keys(rng, p, shapes):
    """of one sign, so that a mean is not small against what its terms lose"""
    return {"K": rng.uniform(1, 8, shapes["K"][1]), "KScale": rng.uniform(0.1, 0.11, shapes["KScale"][1])}


# ---- the greatest scores --------------------------------------------------------------------------

def _selected(logits, bound, take):
    """a judge of a row's choice: `take` distinct places of finite logits, whose least is not below the take-th greatest by more than both bounds"""
    def wrong(got):
        if len(set(got.tolist())) != len(got) or len(got) != take:
            return f"{len(set(got.tolist()))} distinct places, not {take}"
        if take == 0:
            return None
        if (got < 0).any() or (got >= len(logits)).any() or not np.isfinite(logits[got]).all():
            return f"a place that may not be chosen: {got}"
        kth = np.sort(logits[np.isfinite(logits)])[::-1][take - 1]
        if logits[got].min() < kth - 2 * bound:
            return f"{logits[got].min()} is chosen, and the {take}th greatest is {kth}"
        return None
    return wrong


def topk_selector(a, p):
    """the topk greatest of each row between its start and its end, in any order; what is not needed stays as it was"""
    def wrong(got):
        for r, row in enumerate(a["input"]):
            n = np.arange(len(row))
            logits = np.where((n >= a["starts"][r]) & (n < a["ends"][r]), row, -np.inf)
            take = min(got.shape[1], int(np.isfinite(logits).sum()))
            kept = got[r][got[r] != -1]
            bad = _selected(logits, 0.0, take)(kept)
            if bad:
                return f"row {r}: {bad}"
        return None
    return {"index": wrong}


def make_topk_selector(rng, p, shapes):
    """normal numbers, many of them equal in one row; a row with fewer than topk"""
    rows, n = shapes["input"][1]
    x = rng.standard_normal((rows, n))
    x[0] = np.round(x[0] * 4) / 4
    ends = np.full(rows, n)
    starts = np.zeros(rows)
    if rows > 2:
        starts[2], ends[2] = 5, n - 3
    return {"input": x, "starts": starts, "ends": ends, "index": np.full(shapes["index"][1], -1)}


def topk_scores(a, p):
    """for each query the topk greatest index scores among the keys up to it, greatest first, as places and as softmax of those scores; -1 and 0 after them"""
    dtype, topk = p.get("dtype", "float32"), p["topk"]
    q = scaled(a["IndexQ"], dtype)
    n = len(a["IndexQ"])
    rows, total = [], Num(np.zeros((n, topk)))
    for row, bos, t in _rows(a):
        s = maximum(num(a["IndexK"][bos:bos + t + 1]) @ q[row].T, 0.0)
        l = (s * a["Weights"][row][None, :]).sum(1)
        take = min(topk, t + 1)
        order = np.argsort(-l.x, kind="stable")[:take]
        e = l.e.max()
        best = Num(l.x[order], np.full(take, e))                # the i-th greatest is off by no more than any
        w = exp(best - best.max())
        total[row, :take] = w / w.sum()
        rows.append((l.x, e, take))

    def wrong(got):
        for r, (l, e, take) in enumerate(rows):
            bad = _selected(l, e, take)(got[r][:take])
            if bad or (got[r][take:] != -1).any():
                return f"row {r}: {bad or 'not -1 behind the chosen'}"
        return None
    return {"TopkIndices": wrong, "ReduceSum": total}


def make_topk_scores(rng, p, shapes):
    """small scores, so that what bfloat16 loses of them says something about their exponentials"""
    return {**make_tokens(rng, p, shapes), "IndexQ": rng.standard_normal(shapes["IndexQ"][1]) * 0.25}


# ---- the derivative of the index ------------------------------------------------------------------

def indexer_bwd(a, p):
    """of the divergence between the index's distribution and the attention's over the named keys: d score = index - attention"""
    q0, k, w = a["IndexQ"], a["IndexK"], a["Weights"]
    scale = q0.shape[2] ** -0.5
    q = scaled(q0, "bfloat16")
    dq, dw = Num(np.zeros(q0.shape)), Num(np.zeros(w.shape))
    pieces = [[] for _ in range(len(k))]
    for row, bos, t in _rows(a):
        index = a["TopkIndices"][row]
        ok = (index >= 0) & (index <= t)
        keys = np.where(ok[:, None], k[bos + np.where(ok, index, 0)], 0.0)
        s = num(keys) @ q[row].T                                            # [topk, heads]
        d = num(a["IndexScore"][row]) - a["AttnScore"][row]
        dw[row] = (maximum(s, 0.0) * d[:, None]).sum(0)
        sure = where(s.x > 0, d[:, None] * w[row][None, :], 0.0)
        # a score too near to 0 to tell its sign may count or not
        unsure = (np.abs(s.x) <= s.e) & (s.e > 0)
        ds = Num(np.where(unsure, 0.0, sure.x), np.where(unsure, np.abs(d.x[:, None] * w[row][None, :]), sure.e)).to("bfloat16")
        dq[row] = (ds.T @ keys) * scale
        part = ds @ q[row]
        for j in np.flatnonzero(ok):
            pieces[bos + index[j]].append(part[j])
    dk = Num(a["dIndexK"].copy())
    for at, parts in enumerate(pieces):         # added one after another, in the type of the result
        for part in parts:
            dk[at] = (dk[at] + part.to("bfloat16")).to("bfloat16")
    return {"dIndexQ": dq, "dWeights": dw, "dIndexK": dk}


def make_indexer_bwd(rng, p, shapes):
    out = make_tokens(rng, p, shapes)
    n, topk = shapes["TopkIndices"][1]
    index = np.full((n, topk), -1)
    for row, (_, t) in enumerate(out["TokenIndices"]):
        take = min(t + 1, topk)
        index[row, :take] = rng.permutation(t + 1)[:take]
        index[row, take:] = -1 if row % 2 else t + 1                        # nobody, or a key after the query
    soft = rng.random((2, n, topk))
    soft /= soft.sum(-1, keepdims=True)
    return {**out, "TopkIndices": index, "AttnScore": soft[0], "IndexScore": soft[1], "dIndexK": np.zeros(shapes["dIndexK"][1])}
