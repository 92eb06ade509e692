"""Decoding: attention of one query a head to a long cache, which may be cut into parts, kept in pages, or seen in part."""
import numpy as np
from bound import Num, exp2, num
from refs_attention import attend, bshd, offsets, scores, shd, weights


def merged(parts, dtype):
    """partial results (O, logarithm to base 2), each rounded to dtype, joined: sum of O 2^(l - log2 sum 2^l)"""
    os, ls = [o.to(dtype) for o, _ in parts], [l.to(dtype) for _, l in parts]
    top = np.max([l.x for l in ls], axis=0)
    es = [exp2(l - top) for l in ls]
    total = sum(es[1:], es[0])
    out = None
    for o, e in zip(os, es):
        w = e / total
        part = o * w.reshape(*w.shape, 1)
        out = part if out is None else out + part
    return out


def grouped(q, groups):
    """[B, H, D] as [B, Hkv, H / Hkv, D]"""
    return num(q).reshape(q.shape[0], groups, -1, q.shape[2])


def gqa_decode(a, p):
    """keys [B, S, G, D], one mask a key and group; the sequence may be cut into num_split equal parts, whose results pass through float16"""
    g = a["K"].shape[2]
    q = grouped(a["Q"], g)
    k, v = bshd(a["K"]), bshd(a["V"])
    see = (a["mask"] != 0).transpose(0, 2, 1)[:, :, None, :]
    scale, n = q.shape[-1] ** -0.5, p["num_split"]
    if n == 1:
        o, _ = attend(q, k, v, scale, see, "float16")
    else:
        size = k.shape[2] // n
        cut = [slice(i * size, (i + 1) * size) for i in range(n)]
        o = merged([attend(q, k[:, :, at], v[:, :, at], scale, see[..., at], "float16") for at in cut], "float16")
    return {"Output": o.reshape(*a["Q"].shape)}


def make_gqa_decode(rng, p, shapes):
    """each key visible or not; a part is never without any in its first block"""
    shape = shapes["mask"][1]
    mask = rng.integers(0, 2, shape)
    for i in range(p["num_split"]):
        mask[:, i * (shape[1] // p["num_split"])] = 1
    return {"mask": mask}


def split_decode_mha(a, p):
    """[B, S, H, D]; the keys are cut into num_split equal parts"""
    q, k, v = (bshd(a[n]) for n in "QKV")
    n = p["num_split"]
    size = k.shape[2] // n
    see = np.ones((q.shape[2], size), bool)
    parts = [attend(q, k[:, :, i * size:(i + 1) * size], v[:, :, i * size:(i + 1) * size], q.shape[-1] ** -0.5, see, "float16") for i in range(n)]
    return {"Output": bshd(merged(parts, "float16"))}


def decode_with_scores(a, p):
    """keys of all sequences one after another; S is the largest weight in each block of block_N keys. Without the sink: what the program adds for it is
    not the sink's exponential (see the manifest)."""
    groups = a["K"].shape[1]
    bn = p.get("block_N", 128)
    o, s = Num(np.zeros(a["Q"].shape)), Num(np.zeros(a["S"].shape))
    for b in range(a["Q"].shape[0]):
        at = slice(int(a["cu_seqlens_k"][b]), int(a["cu_seqlens_k"][b + 1]))
        q = num(a["Q"][b]).reshape(groups, -1, a["Q"].shape[2])
        k, v = shd(a["K"], at), shd(a["V"], at)
        sc = scores(q, k, q.shape[-1] ** -0.5)
        n = k.shape[1]
        pr, _ = weights(sc, np.ones((1, n), bool), "float16")
        exact, _ = weights(sc, np.ones((1, n), bool), "float32")
        o[b] = (pr @ v).reshape(-1, q.shape[2])
        heads = exact.reshape(-1, n)
        for i in range(s.shape[2]):
            s[b, :, i] = heads[:, i * bn:(i + 1) * bn].max(1) if i * bn < n else Num(np.zeros(heads.shape[0]), np.inf)
    return {"Output": o, "S": s}


def make_decode_with_scores(rng, p, shapes):
    return {"cu_seqlens_k": offsets(p["_k"])}


def _sparse_decode(a, p, chosen, rows):
    """chosen(b, g): the key positions of a sequence and group; rows(b, positions): (keys, values) [n, G, D]"""
    q = a["Q"]
    b, h, _ = q.shape
    groups = a["K"].shape[2]
    per = h // groups
    o = Num(np.zeros((b, h, a["V"].shape[-1])))
    for i in range(b):
        for g in range(groups):
            pos = chosen(i, g)
            k, v = rows(i, pos)
            heads = slice(g * per, (g + 1) * per)
            o[i, heads], _ = attend(q[i, heads], num(k)[:, g], num(v)[:, g], q.shape[2] ** -0.5, np.ones((1, len(pos)), bool), "float16")
    return {"Output": o}


def _positions(blocks, size, length):
    pos = np.concatenate([np.arange(x * size, (x + 1) * size) for x in blocks]) if len(blocks) else np.zeros(0, int)
    return pos[pos < length].astype(int)


def sparse_decode_indices(a, p):
    return _sparse_decode(a, p, lambda b, g: _positions([x for x in a["block_indices"][b, g] if x >= 0], p["block_N"], a["cache_seqlens"][b]),
                          lambda b, pos: (a["K"][b, pos], a["V"][b, pos]))


def sparse_decode_mask(a, p):
    return _sparse_decode(a, p, lambda b, g: _positions(np.flatnonzero(a["block_mask"][b, g]), p["block_N"], a["cache_seqlens"][b]),
                          lambda b, pos: (a["K"][b, pos], a["V"][b, pos]))


def sparse_decode_paged(a, p):
    page = p["page_block_size"]

    def rows(b, pos):
        at = a["block_table"][b, pos // page]
        return a["K"][at, pos % page], a["V"][at, pos % page]
    return _sparse_decode(a, p, lambda b, g: _positions([x for x in a["block_indices"][b, g] if x >= 0], p["block_N"], a["cache_seqlens"][b]), rows)


def make_sparse_indices(rng, p, shapes):
    """distinct blocks below each length, the last one among them, greatest first, then -1"""
    b, g, n = shapes["block_indices"][1]
    lens = np.asarray(p["_lens"])
    index = np.full((b, g, n), -1)
    for i in range(b):
        blocks = -(-int(lens[i]) // p["block_N"])
        for j in range(g):
            take = min(n, blocks) if (i + j) % 2 == 0 else max(1, min(n, blocks) // 2)
            some = np.concatenate([[blocks - 1], rng.permutation(blocks - 1)[:take - 1]])
            index[i, j, :take] = np.sort(some)[::-1]
    out = {"block_indices": index, "cache_seqlens": lens}
    if "block_table" in shapes:
        shape = shapes["block_table"][1]
        out["block_table"] = rng.permutation(p["num_pages"])[:shape[0] * shape[1]].reshape(shape)
    return out


def make_sparse_mask(rng, p, shapes):
    """blocks below each length; of each split's blocks the first one is chosen, so that no split before the last is empty"""
    b, g, n = shapes["block_mask"][1]
    lens = np.asarray(p["_lens"])
    mask = rng.random((b, g, n)) < 0.5
    splits = p["num_split"]
    for s in range(splits):
        mask[:, :, s * (n // splits) + min(s, n % splits)] = True
    for i in range(b):
        mask[i, :, -(-int(lens[i]) // p["block_N"]):] = False
    return {"block_mask": mask, "cache_seqlens": lens}
