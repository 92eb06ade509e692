"""Products with packed weights and products by groups. Packed weights: the low bits of a byte are the earlier column."""
import numpy as np
from bound import Num, num, sigmoid


def unpack(b, bits=4):
    """[rows, columns of bytes] -> codes [rows, 8 / bits times as many]"""
    b = b.astype(np.int64) & 255
    return np.stack([(b >> s) & ((1 << bits) - 1) for s in range(0, 8, bits)], -1).reshape(len(b), -1)


def fp4(b):
    """sign, two bits of exponent, one of mantissa, without subnormal numbers or 0: (-1)^s 2^(e - 1) (1 + m / 2)"""
    c = unpack(b)
    return (1 - 2.0 * (c >> 3)) * 2.0 ** (((c >> 1) & 3) - 1) * (1 + (c & 1) / 2)


def twiddled(b):
    """e2m1 with its subnormal numbers, eight in a word of four bytes of which the first is the highest; sign, exponent and mantissa of number j < 4 in
    the upper half and of number j + 4 at the same bits of the lower half: Triton's hopper_value layout"""
    w = np.ascontiguousarray(b.astype(np.uint8)).view(">u4").astype(np.int64)
    where = [(15, 8, 7, 6), (12, 5, 4, 3), (9, 2, 1, 0), (14, 11, 10, 13)]
    out = []
    for j in range(8):
        s, e1, e0, m = [(w >> (k + (16 if j < 4 else 0))) & 1 for k in where[j % 4]]
        e = 2 * e1 + e0
        out.append((1 - 2.0 * s) * np.where(e == 0, m / 2, 2.0 ** (e - 1) * (1 + m / 2)))
    return np.stack(out, -1).reshape(len(b), -1)


def fp4_weights(a, p):
    return twiddled(a["B"]) if p.get("fast_dequant") else fp4(a["B"])


def int4(b):
    c = unpack(b)
    return np.where(c > 7, c - 16, c)


def integers(a, b):
    return (a.astype(np.int64) @ b.astype(np.int64)).astype(np.int32)


def fp4_convert(a, p):
    return {"C": Num(fp4(a["B"]))}


def int4_convert(a, p):
    return {"C": int4(a["B"]).astype(np.int8)}


def fp4_nt(a, p):
    return {"C": num(a["A"]) @ fp4_weights(a, p).T}


def mxfp4_nt(a, p):
    """each 32 weights of a row share a factor 2^Scale"""
    w = fp4_weights(a, p) * 2.0 ** np.repeat(a["Scale"].astype(int), p["scale_size"], 1)
    c = num(a["A"]) @ w.T
    return {"C": c + a["Bias"] if p["with_bias"] else c}


def fp4_tn(a, p):
    return {"Ct": num(fp4(a["B"])) @ a["A"].T}


def fp4_tn_split(a, p):
    """every part is rounded to the output's type, and so is each sum of parts"""
    w, x, size = fp4(a["B"]), a["A"], p["K"] // p["split"]
    total = None
    for s in range(p["split"]):
        part = (num(w[:, s * size:(s + 1) * size]) @ x[:, s * size:(s + 1) * size].T).to(p["out_dtype"])
        total = part if total is None else (total + part).to(p["out_dtype"])
    return {"Ct": total}


def int4_tn(a, p):
    return {"Ct": integers(int4(a["B"]), a["A"].T)}


def uint4_nt(a, p):
    w = unpack(a["B"])
    return {"C": integers(a["A"], w.T) if p["in_dtype"] == "int8" else num(a["A"]) @ w.T.astype(float)}


def interleaved(b):
    """eight codes in a word: the even ones in its lower half, the odd ones in its upper half"""
    words = np.ascontiguousarray(b.astype(np.uint8)).view("<u4").astype(np.int64)
    return np.stack([(words >> (4 * (n // 2) + 16 * (n % 2))) & 15 for n in range(8)], -1).reshape(len(b), 2 * b.shape[1])


def in_registers(blocks):
    """[N / 16, K / 16, 16, 8] bytes -> [N, K]: of a block of 16 x 16 codes each of 32 lanes has four bytes, two rows eight apart, in each two pairs of
    columns eight apart"""
    n, k = blocks.shape[:2]
    codes = interleaved(blocks.reshape(n * k * 32, 4)).reshape(n, k, 8, 4, 2, 2, 2)       # lane // 4, lane % 4, row half, column half, of a pair
    return codes.transpose(0, 4, 2, 1, 5, 3, 6).reshape(16 * n, 16 * k)


def ladder_nt(a, p):
    return {"C": num(a["A"]) @ in_registers(a["B"]).T.astype(float)}


def int4_rows(a, p):
    """signed, or unsigned and interleaved; products of float16 are of that type"""
    w = interleaved(a["B"]) if p.get("fast_decoding") else int4(a["B"])
    if p["in_dtype"] == "int8":
        return {"C": integers(a["A"], w.T)}
    return {"C": (num(a["A"])[:, None, :] * w[None].astype(float)).to("float16").sum(2)}


def int2_rows(a, p):
    """the four bytes of a word hold 16 codes: code n stands at bit 8 (n % 4) + 2 (n / 4)"""
    words = a["B"].astype(np.int8).view(np.uint32).astype(np.int64)
    codes = np.stack([(words >> (8 * (n % 4) + 2 * (n // 4))) & 3 for n in range(16)], -1).reshape(len(words), -1)
    return {"C": integers(a["A"], codes.T)}


# ---- groups ------------------------------------------------------------------------------------

def starts(sizes):
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)


def padded(sizes, block, more=0):
    """where each group starts when every group fills whole blocks"""
    return starts([-(-(s + more) // block) * block for s in sizes])


def sizes_of(p):
    return p.get("batch_sizes_list") or p["_batch_sizes_list"]


def groups(rng, p, shapes):
    sizes = sizes_of(p)
    made = dict(batch_sizes=np.array(sizes), batch_offsets=starts(sizes), batch_padded_offsets=padded(sizes, p["block_M"], p["_pad"]))
    return {k: v for k, v in made.items() if k in shapes}


def grouped(a, p):
    """the rows of group g are multiplied by B[g]"""
    parts = [num(a["A"][at:at + n]) @ (a["B"][g].T if p.get("trans_b") else a["B"][g]) for g, (at, n) in enumerate(zip(starts(sizes_of(p)), sizes_of(p)))]
    return {"C": Num(np.concatenate([q.x for q in parts]), np.concatenate([q.e for q in parts]))}


def pools(p):
    """each group has its own tensors, all of the longest one's size"""
    sizes = p["batch_sizes_list"]
    n, m = len(sizes), max(sizes)
    return {"a": ("float16", (n, m, p["K"])), "b": ("float16", (n, p["K"], p["N"])), "c": ("float16", (n, m, p["N"]))}


def first_tiles(rng, p, shapes):
    return {"batch_tile_offsets": starts([-(-n // p["block_M"]) for n in p["batch_sizes_list"]])}


def grouped_apart(a, p):
    """C_g = A_g B_g, in whole tiles of rows, and what was there behind them"""
    out = num(a["c"].copy())
    for g, n in enumerate(p["batch_sizes_list"]):
        rows = slice(0, -(-n // p["block_M"]) * p["block_M"])
        out[g, rows] = num(a["a"][g, rows]) @ a["b"][g]
    return {"c": out}


def grouped_bwd(a, p):
    """C[g] = A_g^T B_g"""
    parts = [num(a["A"][at:at + n].T) @ a["B"][at:at + n] for at, n in zip(starts(sizes_of(p)), sizes_of(p))]
    return {"C": Num(np.stack([q.x for q in parts]), np.stack([q.e for q in parts]))}


def expert(x, gate, up, down, dtype):
    """(silu(x gate^T) (x up^T), and that, rounded, times down^T)"""
    g = num(x) @ gate.T
    hidden = (g * sigmoid(g) * (num(x) @ up.T)).to(dtype)
    return hidden, hidden @ down.T


def moe_shared(a, p):
    hidden, out = expert(a["input"], a["shared_W_gate"], a["shared_W_up"], a["shared_W_down"], p["dtype"])
    return {"up_logits": hidden, "output": out}


def routes(rng, p, shapes):
    sizes, block = p["_sizes"], p["block_token"]
    at = padded(sizes, block)
    blocks = shapes["group_idx_for_bx"][1][0]
    owner = [max(g for g in range(len(sizes)) if bx * block >= at[g]) for bx in range(blocks)]
    return dict(group_sizes=np.array(sizes), group_offsets=starts(sizes), group_padded_offsets=at, group_idx_for_bx=np.array(owner),
                input=0.3 * rng.standard_normal(shapes["input"][1]))


def moe_routed(a, p):
    hidden, out = num(np.zeros(a["up_logits"].shape)), num(np.zeros(a["output"].shape))
    for g, (at, n) in enumerate(zip(starts(p["_sizes"]), p["_sizes"])):
        rows = slice(at, at + n)
        h, o = expert(a["input"][rows], a["routed_expert_gate"][g], a["routed_expert_up"][g], a["routed_expert_down"][g], p["dtype"])
        hidden[rows], out[rows] = h, o * a["routed_expert_weights"][rows][:, None]
    return {"up_logits": hidden, "output": out}
