"""Attention over a latent cache that is key and value at once: O = softmax(scale [q, q_pe] [kv, k_pe]^T) kv; and its sparse forms, in which a query names
its keys one by one."""
import numpy as np
from bound import Num, concat, exp, num, where
from kiln import rounded
from refs_attention import LOG2E, attend, derivative, scores, zeros
from refs_decode import merged


# ---- decoding -------------------------------------------------------------------------------------

def _mla(q, pe, kv, kpe, scale, lens=None):
    """q [H, D], pe [H, P], kv [S, D], kpe [S, P]: (O, logarithm)"""
    return attend(concat([num(q), num(pe)], -1), concat([num(kv), num(kpe)], -1), kv, scale, np.ones((1, len(kv)), bool), "float16")


def decode(a, p):
    """the cache may be cut into num_split equal parts, whose results pass through float16"""
    n, scale = p.get("num_split", 1), p.get("softmax_scale") or (a["Q"].shape[2] + a["Q_pe"].shape[2]) ** -0.5
    o = Num(np.zeros(a["Q"].shape))
    for b in range(len(a["Q"])):
        size = a["KV"].shape[1] // n
        parts = [_mla(a["Q"][b], a["Q_pe"][b], a["KV"][b, i * size:(i + 1) * size, 0], a["K_pe"][b, i * size:(i + 1) * size, 0],
            scale) for i in range(n)]
        o[b] = parts[0][0] if n == 1 else merged(parts, "float16")
    return {"Output": o}


def decode_paged(a, p):
    """sequence b has its keys in pages block_table[b, 0], block_table[b, 1], ...; its blocks of block_N keys are dealt to the splits in order"""
    page, bn, n = p["block_size"], p["block_N"], p["num_split"]
    scale = p.get("softmax_scale") or (p["dv"] + p["dpe"]) ** -0.5
    o = Num(np.zeros(a["Q"].shape))
    for b in range(len(a["Q"])):
        length = int(a["cache_seqlens"][b])
        pos = np.arange(length)
        at = a["block_table"][b, pos // page] * page + pos % page
        blocks = -(-length // bn)
        cuts = np.cumsum([0] + [blocks // n + (i < blocks % n) for i in range(n)]) * bn
        parts = [_mla(a["Q"][b], a["Q_pe"][b], a["KV"][at[lo:hi], 0], a["K_pe"][at[lo:hi], 0], scale) for lo, hi in zip(cuts[:-1], cuts[1:])]
        o[b] = parts[0][0] if n == 1 else merged(parts, "float16")
    return {"Output": o}


def make_paged(rng, p, shapes):
    shape = shapes["block_table"][1]
    return {"block_table": rng.permutation(shape[0] * shape[1]).reshape(shape), "cache_seqlens": np.asarray(p["_lens"])}


# ---- keys named one by one ------------------------------------------------------------------------

FLOOR = -5e4            # a kernel that shifts by its maximum may begin it anywhere below the scores


def _named(index, last, n):
    """which of a query's names count: not below 0, not after the query, in the cache"""
    return (index >= 0) & (index <= last) & (index < n)


def _sparse_fwd(q, kv, index, keep, dim, scale, dtype="bfloat16", sink=None):
    """q [H, D], kv [S, D], index [topk]"""
    rows = kv[np.where(keep, index, 0)]
    return attend(q, rows, rows[:, :dim], scale, keep[None, :], dtype, sink)


def sparse_fwd(a, p):
    """[B, S, H, D + Dt] against [B, Skv, G, D + Dt]; the value is the first D of the key"""
    q, kv, index = a["Q"], a["KV"], a["Indices"]
    dim, groups = p["dim"], p.get("kv_group", 1)
    scale = p["sm_scale"] if p.get("sm_scale") else q.shape[3] ** -0.5
    stride, start = p.get("kv_stride", 1), int(a["q_start_index_s"][0]) if "q_start_index_s" in a else 0
    first = stride - 1 if p.get("CP0", True) else 0
    per = q.shape[2] // groups
    o, lse = Num(np.zeros(q.shape[:3] + (dim,))), Num(np.zeros(q.shape[:3]))
    for b, s, g in np.ndindex(q.shape[0], q.shape[1], groups):
        last = (start + s + 1 - stride) // stride
        keep = _named(index[b, s, g], last, kv.shape[1])
        h = slice(g * per, (g + 1) * per)
        o[b, s, h], lse[b, s, h] = _sparse_fwd(q[b, s, h], kv[b, :, g], index[b, s, g], keep, dim, scale)
    before = np.arange(q.shape[1])[None, :, None] < first                # queries that see no key at all are not computed
    return {"Output": o.any_value(before[..., None]), "Lse": lse.any_value(before)}


def sparse_fwd_without_lse(a, p):
    """the program gives Lse back and never writes it"""
    out = sparse_fwd(a, p)
    return {**out, "Lse": out["Lse"].any_value(True)}


def make_indices(rng, p, shapes):
    """distinct keys not after the query, then a name past the end of the cache; p["_full"]: the first so many names of every query count, as the
    hand-specialised programs need, whose tiles hold nothing before"""
    b, n, g, topk = shapes["Indices"][1]
    size = shapes["KV"][1][1]
    stride, start = p.get("kv_stride", 1), p.get("_start", 0)
    index = np.full((b, n, g, topk), size)
    for at in np.ndindex(b, n, g):
        free = min(max((start + at[1] + 1 - stride) // stride + 1, 1), size)
        full = p.get("_full", 0)
        take = max(min(free, topk) if at[1] % 2 else rng.integers(1, min(free, topk) + 1), min(full, free))
        index[at][:take] = rng.permutation(free)[:take]
    out = {"Indices": index}
    if "q_start_index_s" in shapes:
        out["q_start_index_s"] = np.array([start])
    return out


def _sparse_bwd(q, kv, do, index, keep, lse, delta, dim, scale, base2):
    """one query and group: dQ [H, D], and what each named key gets [topk, D]"""
    rows = kv[np.where(keep, index, 0)]
    # the derivative works with logarithms to base 2
    dq, dk, dv = derivative(q, rows, rows[:, :dim], do, lse if base2 else num(lse) * LOG2E, delta, scale, keep[None, :], "bfloat16")
    return dq, concat([dk[:, :dim] + dv, dk[:, dim:]], -1)


def sparse_bwd(a, p):
    q, kv, index = a["Q"], a["KV"], a["Indices"]
    dim, groups = p["D"], p.get("kv_group", 1)
    scale = p["sm_scale"] if p.get("sm_scale") else q.shape[3] ** -0.5
    per = q.shape[2] // groups
    dq, dkv = Num(np.zeros(q.shape)), Num(a["dKV"].copy())
    for b, s, g in np.ndindex(q.shape[0], q.shape[1], groups):
        keep = _named(index[b, s, g], s, kv.shape[1])
        h = slice(g * per, (g + 1) * per)
        dq[b, s, h], part = _sparse_bwd(q[b, s, h], kv[b, :, g], a["dO"][b, s, h], index[b, s, g], keep, a["Lse"][b, s, h], a["Delta"][b, s, h],
        dim, scale, True)
        for j in np.flatnonzero(keep):
            dkv[b, index[b, s, g, j], g] = dkv[b, index[b, s, g, j], g] + part[j]
    return {"dQ": dq, "dKV": dkv}


def make_sparse_bwd(rng, p, shapes):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), "bfloat16") for n in ("Q", "KV", "dO")}
    a.update(make_indices(rng, p, shapes))
    fwd = sparse_fwd(a, {**p, "dim": p["D"]})
    return {**a, "Lse": fwd["Lse"].x, "Delta": (fwd["Output"].x * a["dO"]).sum(-1), **zeros(shapes, "dKV")}


def row_dot(a, p):
    return {"Delta": (num(a["O"]) * a["dO"]).sum(-1)}


def to_bfloat16(a, p):
    return {"dKV_out": num(a["dKV"])}


# ---- the same, sequences one after another --------------------------------------------------------

def make_tokens(rng, p, shapes):
    """offsets of p["_lens"], and for each row its sequence and its place there"""
    lens = p["_lens"]
    token = [(b, t) for b, n in enumerate(lens) for t in range(n)]
    return {"Offsets": np.concatenate([[0], np.cumsum(lens)]), "TokenIndices": np.asarray(token)}


def make_packed(rng, p, shapes):
    out = make_tokens(rng, p, shapes)
    n, g, topk = shapes["Indices"][1]
    index = np.full((n, g, topk), -1)
    for row, (_, t) in enumerate(out["TokenIndices"]):
        for j in range(g):
            take = min(t + 1, topk) if row % 2 else rng.integers(1, min(t + 1, topk) + 1)
            index[row, j, :take] = rng.permutation(t + 1)[:take]
            index[row, j, take:] = n if row % 3 else -1         # both ways of naming nobody
    return {**out, "Indices": index}


def _rows(a):
    """row, first row of its sequence, its place there"""
    for row, (b, t) in enumerate(a["TokenIndices"]):
        yield row, int(a["Offsets"][b]), int(t)


def packed_fwd(a, p):
    q, kv, index = a["Q"], a["KV"], a["Indices"]
    dim, groups = p["dim"], p.get("kv_group", 1)
    scale = p["sm_scale"] if p.get("sm_scale") else q.shape[2] ** -0.5
    per = q.shape[1] // groups
    o, lse = Num(np.zeros(q.shape[:2] + (dim,))), Num(np.zeros(q.shape[:2]))
    for row, bos, t in _rows(a):
        for g in range(groups):
            keep = _named(index[row, g], t, len(kv) - bos)
            h = slice(g * per, (g + 1) * per)
            o[row, h], lse[row, h] = _sparse_fwd(q[row, h], kv[bos:, g], index[row, g], keep, dim, scale)
    return {"Output": o, "Lse": lse * (1 / LOG2E)}


def packed_bwd(a, p):
    q, kv, index = a["Q"], a["KV"], a["Indices"]
    dim, groups = p["D"], p.get("kv_group", 1)
    scale = p["sm_scale"] if p.get("sm_scale") else q.shape[2] ** -0.5
    per = q.shape[1] // groups
    dq, dkv = Num(np.zeros(q.shape)), Num(a["dKV"].copy())
    for row, bos, t in _rows(a):
        for g in range(groups):
            keep = _named(index[row, g], t, len(kv) - bos)
            h = slice(g * per, (g + 1) * per)
            dq[row, h], part = _sparse_bwd(q[row, h], kv[bos:, g], a["dO"][row, h], index[row, g], keep, a["Lse"][row, h], a["Delta"][row, h], dim,
            scale, False)
            for j in np.flatnonzero(keep):
                dkv[bos + index[row, g, j], g] = dkv[bos + index[row, g, j], g] + part[j]
    return {"dQ": dq, "dKV": dkv}


def make_packed_bwd(rng, p, shapes):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), "bfloat16") for n in ("Q", "KV", "dO")}
    a.update(make_packed(rng, p, shapes))
    fwd = packed_fwd(a, {**p, "dim": p["D"]})
    return {**a, "Lse": fwd["Lse"].x, "Delta": (fwd["Output"].x * a["dO"]).sum(-1), **zeros(shapes, "dKV")}


def packed_weight_sums(a, p):
    """for each named key the sum over a group's heads (64 at most together) of exp(score - lse)"""
    q, kv, index = a["Q"], a["KV"], a["Indices"]
    groups = p.get("kv_group", 1)
    scale = q.shape[2] ** -0.5
    per = q.shape[1] // groups
    out = Num(np.zeros(a["ReduceSum"].shape))
    parts = out.shape[2]
    for row, bos, t in _rows(a):
        for g in range(groups):
            keep = _named(index[row, g], t, len(kv) - bos)
            rows = kv[bos:, g][np.where(keep, index[row, g], 0)]
            for r in range(parts):
                h = slice(g * per + r * (per // parts), g * per + (r + 1) * (per // parts))
                s = scores(q[row, h], rows, scale)
                w = where(keep[None, :], exp(where(keep[None, :], s, 0.0) - num(a["Lse"][row, h])[:, None]), 0.0)
                out[row, g, r] = w.sum(0)
    return {"ReduceSum": out}


def make_packed_lse(rng, p, shapes):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), "bfloat16") for n in ("Q", "KV")}
    a.update(make_packed(rng, p, shapes))
    return {**a, "Lse": packed_fwd(a, p)["Lse"].x}


# ---- keys named one by one, and a sink ------------------------------------------------------------

def sparse_sink_fwd(a, p):
    q, kv, index = a["Q"], a["KV"], a["TopkIndices"]
    o = Num(np.zeros(q.shape))
    for b, s in np.ndindex(*q.shape[:2]):
        keep = index[b, s] >= 0
        o[b, s], _ = _sparse_fwd(q[b, s], kv[b], index[b, s], keep, q.shape[3], p.get("sm_scale") or q.shape[3] ** -0.5, p.get("dtype", "bfloat16"),
                                 a["Sinks"][:, None])
    return {"Output": o}


def make_sparse_sink(rng, p, shapes):
    """some queries name all, some a few, one nobody: its result is 0"""
    b, n, topk = shapes["TopkIndices"][1]
    index = np.full((b, n, topk), -1)
    for i, j in np.ndindex(b, n):
        take = 0 if (i, j) == (0, 1) or topk == 0 else topk if j % 2 == 0 else rng.integers(1, topk + 1)
        index[i, j, :take] = rng.integers(0, shapes["KV"][1][1], take)      # the same key may be named twice
    return {"TopkIndices": index}
