"""Native sparse attention: for each query and group of heads some blocks of keys are chosen; those count whose first key is not after the query, and of
their keys those that are not."""
import numpy as np
from bound import Num, num
from kiln import rounded
from refs_attention import LOG2E, attend, derivative, zeros


def _scale(p, dim):
    return dim ** -0.5 if p.get("scale") is None else p["scale"]


def _keys(blocks, size, t, n, causal=True):
    """positions that query t sees"""
    keys = [np.arange(b * size, (b + 1) * size) for b in blocks if 0 <= b * size <= t]
    keys = np.concatenate(keys).astype(int) if keys else np.zeros(0, int)
    return keys[keys < n] if not causal else keys[keys <= t]


def _forward(a, p, out, lse=None):
    q, k, v, index = a["Q"], a["K"], a["V"], a["BlockIndices"]
    g = p["groups"]
    o, l = Num(np.zeros(q.shape)), Num(np.zeros(q.shape[:3]))
    for b, t, h in np.ndindex(*index.shape[:3]):
        keys = _keys(index[b, t, h], p["block_size"], t, k.shape[1], p.get("is_causal", True))
        at = slice(h * g, (h + 1) * g)
        o[b, t, at], l[b, t, at] = attend(q[b, t, at], k[b, keys, h], v[b, keys, h], _scale(p, q.shape[3]), np.ones((1, len(keys)), bool), "float16")
    return {out: o, **({lse: l} if lse else {})}


def forward(a, p):
    return _forward(a, p, "Output")


def forward_lse(a, p):
    return _forward(a, p, "O_slc", "LSE_slc")


def decode(a, p):
    """one query after all keys. A scale that is given has the logarithm of e in it already, unlike one that is not."""
    q, k, v, index = a["Q"], a["K"], a["V"], a["BlockIndices"]
    g, size, n = p["groups"], p["block_size"], a["K"].shape[1]
    scale = q.shape[3] ** -0.5 if p.get("scale") is None else p["scale"] / LOG2E
    o = Num(np.zeros(q.shape))
    for b, h in np.ndindex(q.shape[0], k.shape[2]):
        keys = np.concatenate([np.arange(x * size, (x + 1) * size) for x in index[b, 0, h] if x >= 0])
        at = slice(h * g, (h + 1) * g)
        o[b, 0, at], _ = attend(q[b, 0, at], k[b, keys, h], v[b, keys, h], scale, np.ones((1, len(keys)), bool), "float16")
    return {"Output": o}


def make_decode(rng, p, shapes):
    """one block each, then nobody"""
    shape = shapes["BlockIndices"][1]
    index = np.full(shape, -1)
    index[..., 0] = rng.integers(0, shapes["K"][1][1] // p["block_size"], shape[:-1])
    return {"BlockIndices": index}


def _blocks(rng, shape, size, t_of):
    """distinct blocks up to the query's own, its own or the first among them, then one past the end"""
    index = np.full(shape, 1 << 16)
    for at in np.ndindex(*shape[:-1]):
        own = t_of(at) // size
        some = [own] + [x for x in rng.permutation(own + 1) if x != own][:rng.integers(0, shape[-1])]
        some = sorted(some[:shape[-1]])
        index[at][:len(some)] = some
    return index


def make_blocks(rng, p, shapes):
    return {"BlockIndices": _blocks(rng, shapes["BlockIndices"][1], p["block_size"], lambda at: at[1])}


def varlen(a, p):
    q, k, v, index = a["Q"], a["K"], a["V"], a["BlockIndices"]
    g = p["groups"]
    o = Num(np.zeros(q.shape))
    for b, t in a["TokenIndices"]:
        bos, eos = int(a["Offsets"][b]), int(a["Offsets"][b + 1])
        for h in range(k.shape[1]):
            keys = bos + _keys(index[bos + t, h, :a["BlockCounts"][bos + t, h]], p["block_size"], t, eos - bos)
            at = slice(h * g, (h + 1) * g)
            o[bos + t, at], _ = attend(q[bos + t, at], k[keys, h], v[keys, h], _scale(p, q.shape[2]), np.ones((1, len(keys)), bool), "float16")
    return {"O_slc": o}


def make_varlen(rng, p, shapes):
    """every query has all its slots counted; what is not wanted names a block past the end"""
    lens = p["_lens"]
    token = np.asarray([(b, t) for b, n in enumerate(lens) for t in range(n)])
    shape = shapes["BlockIndices"][1]
    return {"Offsets": np.concatenate([[0], np.cumsum(lens)]), "TokenIndices": token, "BlockCounts": np.full(shapes["BlockCounts"][1], shape[-1]),
            "BlockIndices": _blocks(rng, shape, p["block_size"], lambda at: int(token[at[0], 1]))}


def _backward(a, p):
    q, k, v, do = (a[n] for n in ("Q", "K", "V", "DO_slc"))
    g, size = p["groups"], p["block_size"]
    dq, dk, dv = Num(np.zeros(q.shape)), Num(np.zeros(k.shape)), Num(np.zeros(v.shape))
    pieces = {}
    for b, t, h in np.ndindex(*a["BlockMask"].shape[:3]):
        at = slice(h * g, (h + 1) * g)
        for block in np.flatnonzero(a["BlockMask"][b, t, h]):
            keys = _keys([block], size, t, k.shape[1])
            if not len(keys):
                continue
            gq, gk, gv = derivative(q[b, t, at], k[b, keys, h], v[b, keys, h], do[b, t, at], a["LSE_slc"][b, t, at], a["Delta_slc"][b, t, at],
                                    _scale(p, q.shape[3]), np.ones((1, len(keys)), bool), "float16")
            pieces.setdefault((b, t, at.start), []).append(gq)
            dk[b, keys, h] = dk[b, keys, h] + gk
            dv[b, keys, h] = dv[b, keys, h] + gv
    for (b, t, h), parts in pieces.items():     # blocks add to dQ one after another, in its own type
        total = Num(np.zeros(parts[0].shape))
        for part in parts:
            total = (total + part.to("float16")).to("float16")
        dq[b, t, h:h + g] = total
    return dq, dk, dv


def backward_dkv(a, p):
    _, dk, dv = _backward(a, p)
    return {"DK": dk.reshape(1, *dk.shape), "DV": dv}


def backward_dqkv(a, p):
    dq, dk, dv = _backward(a, p)
    return {"DQ": dq.reshape(1, *dq.shape), "DK": dk.reshape(1, *dk.shape), "DV": dv}


def make_backward(rng, p, shapes):
    a = {n: rounded(rng.standard_normal(shapes[n][1]), "float16") for n in ("Q", "K", "V", "DO_slc")}
    shape = shapes["BlockMask"][1]
    own = np.arange(shape[1])[None, :, None, None] // p["block_size"]
    at = np.arange(shape[3])[None, None, None, :]
    mask = ((rng.random(shape) < 0.5) & (at < own)) | (at == own)
    index = np.where(mask, at, 1 << 16)
    fwd = _forward({**a, "BlockIndices": index}, p, "O", "L")
    return {**a, "BlockMask": mask, "LSE_slc": fwd["L"].x, "Delta_slc": (fwd["O"].x * a["DO_slc"]).sum(-1),
        **(zeros(shapes, "DQ") if "DQ" in shapes else {})}


def row_dot(a, p):
    return {"Delta": (num(a["O"]) * a["dO"]).to("float16").sum(-1)}


def slot_mask(a, p):
    """slot s of a query: whether its block begins not after the query and the slot is counted. The program writes slot s to place s of a mask that has a
    place for each block, so places past the slots are left alone."""
    index, counts = a["BlockIndices"], a["BlockCounts"]
    slots, places = index.shape[3], a["BlockMask"].shape[3]
    t = np.arange(index.shape[1])[None, :, None, None]
    ok = (index * p["block_size"] <= t) & (np.arange(slots) < counts[..., None])
    out = Num(np.zeros(a["BlockMask"].shape)).any_value(np.arange(places) >= slots)
    n = min(slots, places)
    out.x[..., :n] = ok[..., :n]

    def same(got):
        bad = np.argwhere((got != out.x) & np.isfinite(out.e))
        return f"{len(bad)} of {got.size} elements, first at {tuple(map(int, bad[0]))}" if len(bad) else None
    return {"BlockMask": same}


def make_slots(rng, p, shapes):
    shape = shapes["BlockIndices"][1]
    return {"BlockIndices": rng.integers(0, -(-shape[1] // p["block_size"]), shape), "BlockCounts": rng.integers(0, shape[3] + 1, shape[:3])}
