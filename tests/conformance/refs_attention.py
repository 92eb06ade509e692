"""Attention, from its definition: O = softmax(scale Q K^T + mask) V."""
import numpy as np
from bound import num, softmax, where


def causal(sq, sk):
    """query i sees key j when j <= i + sk - sq"""
    return np.arange(sk)[None, :] <= np.arange(sq)[:, None] + sk - sq


def attend(q, k, v, scale, mask, dtype):
    """q [.., Sq, D], k [.., Sk, D], v [.., Sk, Dv]; the probabilities pass through dtype before the second product"""
    s = (num(q) @ num(k).swapaxes(-1, -2)) * scale
    p = softmax(where(mask, s, -np.inf))
    return p.to(dtype) @ v


def mha_fwd_bshd(a, p):
    q, k, v = (num(a[n]).transpose(0, 2, 1, 3) for n in "QKV")
    n = q.shape[2]
    mask = causal(n, n) if p["is_causal"] else np.ones((n, n), bool)
    return {"Output": attend(q, k, v, q.shape[-1] ** -0.5, mask, "float16").transpose(0, 2, 1, 3)}
