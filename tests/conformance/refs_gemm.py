"""Matrix products, from C = A B. Integers are exact; what a product of floats may be off by follows from its length."""
import numpy as np
from bound import Num, maximum, num


def product(a, b):
    """of integers exactly, of floats with their bound"""
    if np.asarray(a).dtype.kind in "iu":
        return (a.astype(np.int64) @ b.astype(np.int64)).astype(np.int32)
    return num(a) @ b


def nn(a, p):
    return {"C": product(a["A"], a["B"])}


def nt(a, p):
    return {"C": product(a["A"], a["B"].T)}


def either(a, p):
    """A and B may be stored transposed"""
    return {"C": product(a["A"].T if p["trans_A"] else a["A"], a["B"].T if p["trans_B"] else a["B"])}


def nn_relu(a, p):
    return {"C": maximum(num(a["A"]) @ a["B"], 0.0)}


def nn_added(a, p):
    """C += A B; every split adds its share, so C is rounded as often as there are splits"""
    c = num(a["A"]) @ a["B"] + a["C"]
    return {"C": Num(c.x, c.e + p["split_k"] * 2.0 ** -24 * (np.abs(a["A"]) @ np.abs(a["B"]) + np.abs(a["C"])))}


def deepgemm(a, p):
    """C = sum over groups g of 128 columns of scale_a[:, g] scale_b[n / 128, g] A_g B_g^T"""
    group = 128
    c = num(np.zeros((p["M"], p["N"])))
    for g in range(-(-p["K"] // group)):
        at = slice(g * group, (g + 1) * group)
        scale = num(a["scales_a"][:, g])[:, None] * a["scales_b"][np.arange(p["N"]) // group, g][None, :]
        c = c + (num(a["A"][:, at]) @ a["B"][:, at].T) * scale
    return {"C": c}


def block_sparse(a, p):
    """C = sum over the blocks of K that are kept for that block of C"""
    bm, bn, bk = p["block_M"], p["block_N"], p["block_K"]
    c = num(np.zeros((p["M"], p["N"])))
    for k in range(p["K"] // bk):
        part = num(a["A"][:, k * bk:(k + 1) * bk]) @ a["B"][k * bk:(k + 1) * bk]
        keep = a["BlockMask"][:, :, k].astype(bool).repeat(bm, 0).repeat(bn, 1)
        c = c + part * keep.astype(float)
    return {"C": c}


def gemv(a, p):
    return {"C": num(a["B"]) @ a["A"]}


def rows_by_vector(a, p):
    """the products are of the operands' type, float16"""
    return {"o": (num(a["a"]) * a["x"]).to("float16").sum(1)}


# ---- two of four -------------------------------------------------------------------------------

BITS = {"int8": 8, "int16": 16, "int32": 32}


def sparse_operands(rng, p, shapes):
    """for every group of four columns two increasing positions, two bits each, the first in the low bits; groups fill a word from its low end"""
    (_, (m, words)), bits = shapes["E"], BITS[p["e_dtype"]]
    pairs = np.array([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
    chosen = pairs[rng.integers(0, 6, (m, words, bits // 4))]
    code = (chosen[..., 0] + 4 * chosen[..., 1]).astype(np.uint64)
    word = (code << (4 * np.arange(bits // 4, dtype=np.uint64))).sum(-1).astype(np.uint64)
    return {"E": word.astype(f"uint{bits}").view(p["e_dtype"])}


def positions(words, dtype):
    """of the kept values: [m, groups, 2]"""
    bits = BITS[dtype]
    plain = words.astype(dtype).view(f"uint{bits}").astype(np.uint64)
    code = (plain[..., None] >> (4 * np.arange(bits // 4, dtype=np.uint64))) & 15
    code = code.reshape(len(words), -1).astype(int)
    return np.stack([code & 3, code >> 2], -1)


def semi_sparse(a, p):
    """the two kept values of each group of four go back to their columns"""
    at = positions(a["E"], p["e_dtype"])
    m, groups = at.shape[:2]
    dense = np.zeros((m, groups, 4))
    np.put_along_axis(dense, at, a["A_sparse"].reshape(m, groups, 2), 2)
    return {"C": num(dense.reshape(m, -1)) @ a["B"]}


def semi_sparse_matrix(rng, p, shapes):
    """At most two of four (one of two for 32-bit types) differ from 0; some groups have fewer. The last of as many as there may be is the group's last
    element: the program looks one place past its list of positions (and writes there what it read) for each element that follows."""
    s, d = shapes["dense"][1]
    keep, group = (1, 2) if p["dtype"] == "float32" else (2, 4)
    x = rng.standard_normal((s, d // group, group))
    x[np.abs(x) < 1e-2] = 1.0
    for row in x.reshape(-1, group):
        kept = rng.permutation(group)[:rng.integers(0, keep + 1)]
        if len(kept) == keep and group - 1 not in kept:
            kept[0] = group - 1
        row[np.setdiff1d(np.arange(group), kept)] = 0
    return {"dense": x.reshape(s, d)}


def compress(a, p):
    """the kept values and the words of their positions. A group with one value keeps it and a 0 beside it (the pair of positions increases);
    one without keeps positions 0 and 1. Of 32-bit types one of two is kept: 0100 for the first and 1110 for the second."""
    wide = p["dtype"] == "float32"
    keep, group = (1, 2) if wide else (2, 4)
    x = a["dense"].reshape(-1, group)
    values, codes = np.zeros((len(x), keep)), np.zeros(len(x), np.uint64)
    for k, row in enumerate(x):
        at = list(np.flatnonzero(row))
        if wide:
            at = at or [0]
            codes[k] = 0b1110 if at[0] else 0b0100
        else:
            at = [0, 1] if not at else at if len(at) == 2 else [0, 1] if at == [0] else [0, at[0]]
            codes[k] = at[0] + 4 * at[1]
        values[k] = row[at]
    s, bits = len(a["dense"]), BITS[p["meta_dtype"]]
    codes = codes.reshape(s, -1, bits // 4) << (4 * np.arange(bits // 4, dtype=np.uint64))
    return {"nonzero": Num(values.reshape(s, -1)), "meta": codes.sum(-1).astype(f"uint{bits}").view(p["meta_dtype"])}
