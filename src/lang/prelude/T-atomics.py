"""Atomics on several elements side by side."""
import kiln
import tilelang.language as T


def _add(dst, value, n, return_prev):
    values = kiln.lanes(value) if kiln.is_vector(value) else [kiln.at(value, i) for i in list(range(n))]
    if len(values) != n:
        kiln.fail("E0204", f"{n} values are added here, not {len(values)}", at="value")
    old = [T.atomic_add(kiln.at(dst, i), values[i], return_prev=return_prev) for i in list(range(n))]
    return kiln.vector([kiln.let("prev", x) for x in old]) if return_prev else None


def atomic_addx2(dst, value, return_prev=False):
    """two elements, each atomically"""
    return _add(dst, value, 2, return_prev)


def atomic_addx4(dst, value, return_prev=False):
    """four elements, each atomically"""
    return _add(dst, value, 4, return_prev)
