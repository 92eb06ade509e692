"""Attention, from its definition: O = softmax(scale Q K^T + mask) V, over all keys at once, and its derivative. What rounds on the way is part of the
published operators: the probabilities and the derivatives of the scores pass through the type of the inputs before the second product."""
import numpy as np
from bound import TINY, U, UNIT, Num, concat, exp2, num, where
from kiln import rounded

LOG2E = 1.4426950408889634


# ---- the definition -------------------------------------------------------------------------------

def visible(sq, sk, causal=True, window=None):
    """which keys a query sees, when the last query stands at the last key: none after it, and the `window` last ones"""
    q, k = np.arange(sq)[:, None] + sk - sq, np.arange(sk)[None, :]
    see = np.ones((sq, sk), bool)
    if causal:
        see &= k <= q
    if window:
        see &= k > q - window
    return see


def scores(q, k, scale):
    return (num(q) @ num(k).swapaxes(-1, -2)) * scale


def weights(s, see, dtype, sink=None, floor=None):
    """(softmax over the keys that are seen, rounded to dtype; logarithm to base 2 of the sum of exponentials). sink: a score without a value, to be
    broadcast against s; floor: a kernel shifts by no less than this, so that small weights are smaller than the type's smallest number. A row that sees
    nothing has weights 0 and the logarithm -inf."""
    s = where(see, s, -np.inf)
    if sink is not None:
        s = concat([s, Num(np.broadcast_to(num(sink).x, s.shape[:-1] + (1,)), U * np.abs(np.broadcast_to(num(sink).x, s.shape[:-1] + (1,))))], -1)
    finite = np.where(np.isfinite(s.x), s.x, 0.0)
    top = np.where(np.isfinite(s.x), s.x, -np.inf).max(-1, keepdims=True) if s.shape[-1] else np.full(s.shape[:-1] + (1,), -np.inf)
    base = np.where(np.isfinite(top), top, 0.0) if floor is None else np.maximum(top, floor)
    # how far the difference of a score and the maximum is off, in a kernel that may rescale by a factor at every step
    off = 2 * np.where(np.isfinite(s.x), s.e + 2 * U * np.abs(finite), 0.0).max(-1, keepdims=True, initial=0.0)
    p = np.exp(s.x - base)
    total = p.sum(-1, keepdims=True)
    some = total > 0
    x = np.where(some, p / np.where(some, total, 1.0), 0.0)
    n = max(s.shape[-1], 1)
    relative = np.expm1(2 * off) + (2 * n + 16) * U
    smallest = np.where(some, TINY[dtype] / np.where(some, total, 1.0), 0.0)
    prob = Num(x, x * relative + (UNIT[dtype] * x * (1 + relative) + np.where(x > 0, smallest, 0.0)))
    with np.errstate(divide="ignore"):
        log = (base + np.log(total))[..., 0] * LOG2E
    size = np.where(np.isfinite(log), np.abs(log), 0.0) + np.abs(np.where(np.isfinite(base), base, 0.0))[..., 0] * LOG2E
    lse = Num(log, np.where(np.isfinite(log), LOG2E * (off[..., 0] + (n + 8) * U) + 4 * U * size, 0.0))
    return (prob if sink is None else prob[..., :-1]), lse


def attend(q, k, v, scale, see, dtype, sink=None, floor=None):
    """q [.., Sq, D], k [.., Sk, D], v [.., Sk, Dv], see [.., Sq, Sk]: (O, logarithm to base 2 of the normaliser)"""
    p, lse = weights(scores(q, k, scale), see, dtype, sink, floor)
    return p @ num(v), lse


def derivative(q, k, v, do, lse, delta, scale, see, dtype):
    """(dQ, dK, dV), from the logarithms (base 2) and delta = sum(O dO) that the forward pass has left"""
    lse, delta = num(lse), num(delta)
    s = scores(q, k, scale * LOG2E)
    p = where(see, exp2(where(see, s, 0.0) - lse.reshape(*lse.shape, 1)), 0.0)
    dp = num(do) @ num(v).swapaxes(-1, -2)
    ds = (p * (dp - delta.reshape(*delta.shape, 1)) * scale).to(dtype)
    pt = p.to(dtype)
    return ds @ num(k), ds.swapaxes(-1, -2) @ num(q), pt.swapaxes(-1, -2) @ num(do)


# ---- layouts --------------------------------------------------------------------------------------

def bhsd(x):
    return num(x)


def bshd(x):
    return num(x).transpose(0, 2, 1, 3)


def shared_heads(x, groups):
    """keys and values of a group of query heads, once for each; heads stand at axis 1"""
    return x.repeat(groups, 1) if groups > 1 else x


def scale_of(p, dim):
    return p["sm_scale"] if p.get("sm_scale") is not None else dim ** -0.5


def dtype_of(p):
    return p.get("dtype", "float16")


# ---- forward, all sequences of one length ---------------------------------------------------------

def forward(layout, causal=None, lse=None, sink=False):
    def f(a, p):
        q, k, v = (layout(a[n]) for n in "QKV")
        groups = q.shape[1] // k.shape[1]
        k, v = shared_heads(k, groups), shared_heads(v, groups)
        window = p.get("window_size")
        see = visible(q.shape[2], k.shape[2], p["is_causal"] if causal is None else causal, window)
        sinks = a["Sinks"][None, :, None, None] if sink else None
        o, l = attend(q, k, v, scale_of(p, q.shape[-1]), see, dtype_of(p), sinks, floor=0.0 if window else None)
        out = {"Output": layout(o)}
        if lse:
            out[lse] = l
        return out
    return f


mha_fwd_bshd = gqa_fwd_bshd = forward(bshd)
mha_fwd_bhsd = forward(bhsd)
fwd_lse_bshd = forward(bshd, lse="lse")
fwd_lse_bhsd = forward(bhsd, lse="lse")
sink_fwd_bhsd = forward(bhsd, causal=True, sink=True)
sink_fwd_lse_bhsd = forward(bhsd, causal=True, lse="lse", sink=True)


# ---- the derivative -------------------------------------------------------------------------------

def row_dot(a, p):
    """Delta = sum over the last axis of O dO; the products are of the inputs' type"""
    d = (num(a["O"]) * a["dO"]).to(dtype_of(p)).sum(-1)
    return {"Delta": d}


def row_dot_bshd(a, p):
    return {"Delta": row_dot(a, p)["Delta"].swapaxes(1, 2)}


def copies(a, p):
    """the results of the derivative, brought to the type of the inputs"""
    return {n + "_out": num(a[n]) for n in ("dQ", "dK", "dV") if n in a}


def backward(layout, causal=None, split=False):
    def f(a, p):
        q, k, v, do = (layout(a[n]) for n in ("Q", "K", "V", "dO"))
        groups = q.shape[1] // k.shape[1]
        see = visible(q.shape[2], k.shape[2], p["is_causal"] if causal is None else causal, p.get("window_size"))
        dq, dk, dv = derivative(q, shared_heads(k, groups), shared_heads(v, groups), do, a["lse"], a["Delta"], scale_of(p, q.shape[-1]), see,
        dtype_of(p))
        join = lambda x: x.reshape(x.shape[0], -1, groups, *x.shape[2:])
        if split:                   # what each head of a group gives, apart: [groups, batch, ...]
            dk, dv = (Num(np.stack([layout(join(x)[:, :, g]).x for g in range(groups)]), np.stack([layout(join(x)[:, :,
            g]).e for g in range(groups)]))
                      for x in (dk, dv))
        else:
            dk, dv = (layout(join(x).sum(2)) for x in (dk, dv))
        return {"dQ": layout(dq), "dK": dk, "dV": dv}
    return f


bwd_bshd = backward(bshd)
bwd_bhsd = backward(bhsd)
bwd_split_bshd = backward(bshd, split=True)
sink_bwd_bhsd = backward(bhsd, causal=True)


def make_bwd(layout, causal=None, sink=False):
    """inputs of a backward pass whose logarithms and deltas are those of its forward pass"""
    def f(rng, p, shapes):
        dtype = dtype_of(p)
        a = {n: rounded(rng.standard_normal(shapes[n][1]), dtype) for n in ("Q", "K", "V", "dO")}
        q, k, v, do = (layout(a[n]) for n in ("Q", "K", "V", "dO"))
        groups = q.shape[1] // k.shape[1]
        see = visible(q.shape[2], k.shape[2], p["is_causal"] if causal is None else causal, p.get("window_size"))
        sinks = rng.standard_normal(q.shape[1])[None, :, None, None] if sink else None
        o, lse = attend(q, shared_heads(k, groups), shared_heads(v, groups), scale_of(p, q.shape[-1]), see, dtype, sinks)
        return {**a, "lse": lse.x, "Delta": (o.x * do.x).sum(-1), **zeros(shapes, "dQ", *(() if shapes["dK"][0] == dtype else ("dK", "dV")))}
    return f


def zeros(shapes, *names):
    """what a kernel adds to"""
    return {n: np.zeros(shapes[n][1]) for n in names}


make_bwd_bshd = make_bwd(bshd)
make_bwd_bhsd = make_bwd(bhsd)
make_sink_bwd_bhsd = make_bwd(bhsd, causal=True, sink=True)


def dsink(a, p):
    """the derivative of a head's sink, query by query: -exp(sink) / normaliser * Delta"""
    return {"dsinks": -exp2(num(a["Sinks"])[None, :, None] * LOG2E - a["lse"]) * a["Delta"]}


def make_dsink(rng, p, shapes):
    shape = shapes["lse"][1]
    return {"Sinks": rng.standard_normal(shapes["Sinks"][1]), "lse": rng.uniform(1, 6, shape), "Delta": rng.standard_normal(shape)}


# ---- sequences of different lengths, one after another --------------------------------------------

def offsets(lens):
    return np.concatenate([[0], np.cumsum(lens)]).astype(np.int64)


def sequences(a, q="cu_seqlens_q", k="cu_seqlens_k"):
    """(number, queries' slice, keys' slice)"""
    cq, ck = a[q], a[k]
    return [(b, slice(int(cq[b]), int(cq[b + 1])), slice(int(ck[b]), int(ck[b + 1]))) for b in range(len(cq) - 1)]


def shd(x, at):
    """rows `at` of [S, H, D] as [H, n, D]"""
    return num(x)[at].transpose(1, 0, 2)


def varlen(suffix="", out="Output", lse=None, sink=False):
    """lse: None, "padded" [B, H, N] with 0 behind a sequence's end, or "free": anything behind it"""
    def f(a, p):
        q, k, v = (a[n + suffix] for n in "QKV")
        groups = q.shape[1] // k.shape[1]
        o = Num(np.zeros(q.shape[:2] + v.shape[2:]))
        l = Num(np.zeros(a["lse"].shape)).any_value(lse == "free") if lse else None
        for b, rq, rk in sequences(a):
            qs = shd(q, rq)
            ks, vs = (shd(x, rk).repeat(groups, 0) for x in (k, v))
            n, m = qs.shape[1], ks.shape[1]
            see = visible(n, m, p["is_causal"], p.get("window_size"))
            ob, lb = attend(qs, ks, vs, scale_of(p, q.shape[2]), see, dtype_of(p), a["Sinks"][:, None, None] if sink else None,
            floor=0.0 if sink else None)
            none = ~see.any(1)                          # such a row is 0, sink or not
            o[rq] = where(none[:, None, None], 0.0, ob.transpose(1, 0, 2))
            if lse:
                l[b, :, :n] = lb
        return {out: o, **({"lse": l} if lse else {})}
    return f


varlen_fwd = varlen("_unpad", "Output_unpad")
varlen_fwd_lse = varlen(lse="padded")
sink_varlen_fwd = varlen("_unpad", "Output_unpad", sink=True)
sink_varlen_fwd_lse = varlen("_unpad", "Output_unpad", lse="free", sink=True)


def make_lens(rng, p, shapes):
    """the offsets of p["_q"] and p["_k"], the sequences' lengths"""
    out = {"cu_seqlens_q": offsets(p["_q"])}
    if "cu_seqlens_k" in shapes:
        out["cu_seqlens_k"] = offsets(p["_k"])
    if "max_seqlen_q" in shapes:
        out["max_seqlen_q"] = int(max(p["_q"]))
    return out


def varlen_row_dot(a, p):
    """Delta [B, H, N] of rows one after another, 0 behind a sequence's end"""
    d = (num(a["O"]) * a["dO"]).to(dtype_of(p)).sum(-1)
    out = Num(np.zeros(a["Delta"].shape)).any_value(p.get("_free_tail", False))
    for b, (lo, hi) in enumerate(zip(a["cu_seqlens_q"][:-1], a["cu_seqlens_q"][1:])):
        out[b, :, :hi - lo] = d[lo:hi].T
    return {"Delta": out}


def varlen_backward(split=False):
    def f(a, p):
        q, k, v, do = (a[n] for n in ("Q", "K", "V", "dO"))
        groups = q.shape[1] // k.shape[1]
        dq = Num(np.zeros(q.shape))
        dk, dv = (Num(np.zeros((groups,) + x.shape)) for x in (k, v))
        for b, rq, rk in sequences(a):
            qs, dos = shd(q, rq), shd(do, rq)
            ks, vs = (shd(x, rk).repeat(groups, 0) for x in (k, v))
            n, m = qs.shape[1], ks.shape[1]
            see = visible(n, m, p["is_causal"], p.get("window_size"))
            gq, gk, gv = derivative(qs, ks, vs, dos, a["lse"][b, :, :n], a["Delta"][b, :, :n], scale_of(p, q.shape[2]), see, dtype_of(p))
            dq[rq] = gq.transpose(1, 0, 2)
            for whole, part in ((dk, gk), (dv, gv)):
                for g in range(groups):
                    whole[g, rk] = part[g::groups].transpose(1, 0, 2)
        return {"dQ": dq, "dK": dk if split else dk.sum(0), "dV": dv if split else dv.sum(0)}
    return f


varlen_bwd = varlen_backward()
varlen_bwd_split = varlen_backward(split=True)


def make_varlen_bwd(rng, p, shapes, sink=False):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), dtype_of(p)) for n in ("Q", "K", "V", "dO")}
    cu = make_lens(rng, p, shapes)
    a.update(cu)
    lse, delta = rng.uniform(0, 1, shapes["lse"][1]), rng.uniform(0, 1, shapes["lse"][1])
    fwd = varlen(out="O", sink=sink)
    heads = a["Q"].shape[1]
    groups = heads // a["K"].shape[1]
    sinks = rng.standard_normal(heads)
    for b, rq, rk in sequences(a):
        ks, vs = (shd(a[n], rk).repeat(groups, 0) for n in "KV")
        qs = shd(a["Q"], rq)
        see = visible(qs.shape[1], ks.shape[1], p["is_causal"], p.get("window_size"))
        o, l = attend(qs, ks, vs, scale_of(p, qs.shape[2]), see, dtype_of(p), sinks[:, None, None] if sink else None)
        lse[b, :, :qs.shape[1]] = np.where(np.isfinite(l.x), l.x, 0)
        delta[b, :, :qs.shape[1]] = (o.x * shd(a["dO"], rq).x).sum(-1)
    return {**a, "lse": lse, "Delta": delta, **zeros(shapes, "dQ", *(() if shapes["dK"][0] == dtype_of(p) else ("dK", "dV")))}


def make_sink_varlen_bwd(rng, p, shapes):
    return make_varlen_bwd(rng, p, shapes, sink=True)


def varlen_dsink(a, p):
    """as dsink, and 0 behind a sequence's end"""
    d = dsink(a, p)["dsinks"]
    lens = np.diff(a["cu_seqlens_q"])
    return {"dsinks": where(np.arange(d.shape[2])[None, None, :] < lens[:, None, None], d, 0.0)}


def make_varlen_dsink(rng, p, shapes):
    return {**make_dsink(rng, p, shapes), **make_lens(rng, p, shapes)}


# ---- a sequence that holds a noisy half before a clean one, in small blocks (diffusion language models) ------------------------

def halves(n, block):
    """noisy queries see their own noisy block and the clean blocks before it; clean queries see clean blocks up to their own"""
    half = n // 2
    pos = np.arange(n)
    clean, blk = pos >= half, (pos % half) // block
    q, k = blk[:, None], blk[None, :]
    qc, kc = clean[:, None], clean[None, :]
    return (~qc & ~kc & (q == k)) | (~qc & kc & (q > k)) | (qc & kc & (q >= k))


def block_causal_dtype(p):
    return p.get("dtype", "bfloat16")


def block_causal_fwd(a, p):
    q, k, v = (bshd(a[n]) for n in "QKV")
    o, lse = attend(q, k, v, p["softmax_scale"], halves(q.shape[2], p["dllm_block"]), block_causal_dtype(p))
    return {"Output": bshd(o), "LSE": lse}


def block_causal_prep(a, p):
    d = (num(a["O"]) * a["dO"]).to(block_causal_dtype(p)).sum(-1)
    return {"Delta": d.swapaxes(1, 2)}


def _block_causal_bwd(a, p):
    q, k, v, do = (bshd(a[n]) for n in ("Q", "K", "V", "dO"))
    return [bshd(x) for x in derivative(q, k, v, do, a["LSE"], a["Delta"], p["softmax_scale"], halves(q.shape[2], p["dllm_block"]),
        block_causal_dtype(p))]


def block_causal_dq(a, p):
    return {"dQ": _block_causal_bwd(a, p)[0]}


def block_causal_dkv(a, p):
    _, dk, dv = _block_causal_bwd(a, p)
    return {"dK": dk, "dV": dv}


def make_block_causal_bwd(rng, p, shapes):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), block_causal_dtype(p)) for n in ("Q", "K", "V", "dO")}
    fwd = block_causal_fwd(a, p)
    return {**a, "LSE": fwd["LSE"].x, "Delta": (fwd["Output"].x * a["dO"]).sum(-1).swapaxes(1, 2)}


def _each(a, p, f):
    """f(queries of one sequence's rows) -> for each sequence of cu_seqlens"""
    cu = a["cu_seqlens"]
    for b in range(len(cu) - 1):
        at = slice(int(cu[b]), int(cu[b + 1]))
        if at.start < at.stop:
            f(at)


def block_causal_varlen_fwd(a, p):
    o, lse = Num(np.zeros(a["Q"].shape)), Num(np.zeros(a["LSE"].shape))

    def one(at):
        ob, lb = attend(*(shd(a[n], at) for n in "QKV"), p["softmax_scale"], halves(at.stop - at.start, p["dllm_block"]), block_causal_dtype(p))
        o[at] = ob.transpose(1, 0, 2)
        lse[:, at] = lb
    _each(a, p, one)
    return {"Output": o, "LSE": lse}


def block_causal_varlen_prep(a, p):
    return {"Delta": (num(a["Output"]) * a["dO"]).to(block_causal_dtype(p)).sum(-1).T}


def _block_causal_varlen_bwd(a, p):
    out = [Num(np.zeros(a["Q"].shape)) for _ in range(3)]

    def one(at):
        got = derivative(*(shd(a[n], at) for n in ("Q", "K", "V", "dO")), a["LSE"][:, at], a["Delta"][:, at], p["softmax_scale"],
                         halves(at.stop - at.start, p["dllm_block"]), block_causal_dtype(p))
        for whole, part in zip(out, got):
            whole[at] = part.transpose(1, 0, 2)
    _each(a, p, one)
    return out


def block_causal_varlen_dq(a, p):
    return {"dQ": _block_causal_varlen_bwd(a, p)[0]}


def block_causal_varlen_dkv(a, p):
    _, dk, dv = _block_causal_varlen_bwd(a, p)
    return {"dK": dk, "dV": dv}


def make_block_causal_varlen(rng, p, shapes):
    return {"cu_seqlens": offsets(p["_lens"]), "max_seqlen": int(max(p["_lens"]))}


def make_block_causal_varlen_bwd(rng, p, shapes):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), block_causal_dtype(p)) for n in ("Q", "K", "V", "dO")}
    a.update(make_block_causal_varlen(rng, p, shapes))
    a["LSE"] = np.zeros(shapes["LSE"][1])
    fwd = block_causal_varlen_fwd(a, p)
    return {**a, "LSE": fwd["LSE"].x, "Delta": (fwd["Output"].x * a["dO"]).sum(-1).T}


# ---- blocks of keys that are chosen ---------------------------------------------------------------

BLOCK = 64


def block_sparse_fwd(a, p):
    """query i sees key j when the blocks of 64 they are in are chosen for each other and, causal, j is not after i"""
    q, k, v = (bhsd(a[n]) for n in "QKV")
    sq, sk = q.shape[2], k.shape[2]
    chosen = a["BlockSparseMask"] != 0
    chosen = chosen.repeat(BLOCK, 2)[:, :, :sq].repeat(BLOCK, 3)[:, :, :, :sk]
    o, _ = attend(q, k, v, q.shape[-1] ** -0.5, chosen & visible(sq, sk, p["is_causal"]), "float16")
    return {"Output": o}


def make_block_sparse(rng, p, shapes):
    """about half of the blocks, always the first one, nothing above the diagonal"""
    shape = shapes["BlockSparseMask"][1]
    mask = rng.random(shape) < 0.5
    mask[..., 0] = True
    return {"BlockSparseMask": mask if not p.get("is_causal", True) else np.tril(mask, shape[3] - shape[2])}


def vertical_slash(a, p):
    """a block of 64 queries sees the blocks of 64 keys that begin at its offsets, as far as they are not after a query, and its columns, wherever they are"""
    q, k, v = (bhsd(a[n]) for n in "QKV")
    b, h, n, d = q.shape
    o = Num(np.zeros(q.shape))
    for i in range(b):
        for j in range(h):
            for m in range(-(-n // BLOCK)):
                rows = np.arange(m * BLOCK, min((m + 1) * BLOCK, n))
                starts = a["BlockOffset"][i, j, m, :a["BlockCount"][i, j, m]]
                slash = np.concatenate([np.arange(s, s + BLOCK) for s in starts]) if len(starts) else np.zeros(0, int)
                columns = a["ColumnIndex"][i, j, m, :a["ColumnCount"][i, j, m]]
                keys = np.concatenate([slash, columns]).astype(int)
                see = np.concatenate([slash[None, :] <= rows[:, None], np.ones((len(rows), len(columns)), bool)], 1)
                keep = keys < n                         # a key past the end is masked by the diagonal
                o[i, j, rows], _ = attend(q[i, j, rows], k[i, j][keys[keep]], v[i, j][keys[keep]], d ** -0.5, see[:, keep], "float16")
    return {"Output": o}


def make_vertical_slash(rng, p, shapes):
    """the block of the queries themselves and others before it, at odd places; columns among the keys before"""
    b, h, m, slashes = shapes["BlockOffset"][1]
    columns = shapes["ColumnIndex"][1][3]
    count, offset = np.zeros((b, h, m), int), np.zeros((b, h, m, slashes), int)
    col_count, col = np.zeros((b, h, m), int), np.zeros((b, h, m, columns), int)
    for at in np.ndindex(b, h, m):
        start = at[2] * BLOCK
        some = [start] + [int(x) for x in rng.permutation(max(start - BLOCK, 0))[:rng.integers(0, slashes)]]
        count[at] = len(some)
        offset[at][:len(some)] = some
        free = rng.permutation(start)[:min(columns, start)] if at[2] else np.zeros(0, int)
        col_count[at] = len(free) if at[2] != 1 else min(len(free), BLOCK - 24)
        col[at][:col_count[at]] = np.sort(free[:col_count[at]])
    return {"BlockCount": count, "BlockOffset": offset, "ColumnCount": col_count, "ColumnIndex": col}
