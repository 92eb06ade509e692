"""References in float64, written from the formulas. They share nothing with Kiln: no tiles, no online softmax, no splitting."""
import numpy as np


def gemm(a, b, bias, act):
    """act(A B + bias)"""
    c = a @ b + bias
    return {"none": lambda x: x, "relu": lambda x: np.maximum(x, 0), "silu": lambda x: x / (1 + np.exp(-x))}[act](c)


def softmax_rows(s):
    """(softmax, natural log of the sum of exponentials) over the last axis; a row of -inf gives 0 and -inf"""
    top = s.max(-1, keepdims=True) if s.shape[-1] else np.full(s.shape[:-1] + (1,), -np.inf)
    base = np.where(np.isfinite(top), top, 0)
    e = np.exp(s - base)
    total = e.sum(-1, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.where(total > 0, e / np.where(total > 0, total, 1), 0), np.where(total > 0, base + np.log(total), -np.inf)[..., 0]


def attention(q, k, v, causal):
    """q [B,Sq,H,D], k and v [B,Sk,Hkv,D]; causal: query i sees keys j <= i + Sk - Sq. Gives O [B,Sq,H,D] and LSE [B,H,Sq]."""
    b, sq, h, d = q.shape
    sk, hkv = k.shape[1:3]
    o, lse = np.zeros(q.shape), np.zeros((b, h, sq))
    see = np.arange(sk)[None, :] <= np.arange(sq)[:, None] + sk - sq if causal else np.ones((sq, sk), bool)
    for i in range(b):
        for j in range(h):
            s = q[i, :, j] @ k[i, :, j // (h // hkv)].T / np.sqrt(d)
            p, lse[i, j] = softmax_rows(np.where(see, s, -np.inf))
            o[i, :, j] = p @ v[i, :, j // (h // hkv)]
    return o, lse


def paged_decode(q, k, v, table, length):
    """q [B,H,D], caches [pages,page,Hkv,D]; sequence b has its keys in pages table[b, 0], table[b, 1], ..."""
    b, h, d = q.shape
    page, hkv = k.shape[1:3]
    o = np.zeros(q.shape)
    for i in range(b):
        n = int(length[i])
        where = [(int(table[i, t // page]), t % page) for t in range(n)]
        for j in range(h):
            if n:
                keys = np.stack([k[p, r, j // (h // hkv)] for p, r in where])
                values = np.stack([v[p, r, j // (h // hkv)] for p, r in where])
                o[i, j] = softmax_rows((keys @ q[i, j])[None] / np.sqrt(d))[0][0] @ values
    return o


def index_logits(qi, ki, w):
    """logits[s, t] = sum_j w[s, j] relu(qi[s, j] . ki[t]) for t <= s, else -inf"""
    s = qi.shape[0]
    dots = np.einsum("sjd,td->sjt", qi, ki)
    out = np.einsum("sj,sjt->st", w, np.maximum(dots, 0))
    return np.where(np.arange(s)[None, :] <= np.arange(s)[:, None], out, -np.inf)


def selection_wrong(index, logits, topk, slack):
    """None when every row of index names, each once, the keys of the topk greatest logits (equals may be swapped within slack), padded
    with -1 behind them; else what is wrong"""
    for s, row in enumerate(index):
        n = int(np.isfinite(logits[s]).sum())
        take = min(n, topk)
        got = row[:take]
        if (row[take:] != -1).any():
            return f"row {s}: {row[take:]} behind the {take} keys, not -1"
        if len(set(got.tolist())) != take or (got < 0).any() or (got >= logits.shape[1]).any():
            return f"row {s}: keys {got} are not {take} distinct ones"
        kth = np.sort(logits[s])[::-1][take - 1] if take else 0
        out = np.setdiff1d(np.arange(logits.shape[1]), got)
        if take and (logits[s][got].min() < kth - slack or (len(out) and logits[s][out].max() > kth + slack)):
            return f"row {s}: a key of {logits[s][got].min()} is chosen and one of {logits[s][out].max()} is not"
    return None


def stable_selection(logits, topk):
    """the set a stable sort chooses, row by row: greatest first, the lower key first among equals; as sorted lists"""
    out = []
    for row in logits:
        n = int(np.isfinite(row).sum())
        out.append(sorted(np.argsort(-row, kind="stable")[:min(n, topk)].tolist()))
    return out


def sparse_attention(q, kv, index, dv):
    """q [S,H,D], kv [S,D]; row s attends to kv[index[s]], values are the first dv columns; -1 is nobody"""
    s, h, d = q.shape
    o = np.zeros((s, h, dv))
    for i in range(s):
        keys = kv[index[i][index[i] >= 0]]
        if len(keys):
            p = softmax_rows(q[i] @ keys.T / np.sqrt(d))[0]
            o[i] = p @ keys[:, :dv]
    return o
