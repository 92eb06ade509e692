"""Copies in flight."""
import kiln
import tilelang.language as T


def ptx_cp_async(dst, src, num_elems, predicate=None):
    """starts to copy so many elements to shared memory"""
    bits = kiln.at(dst, 0).dtype.bits
    if bits < 8:  # less than what the instruction moves
        for k in list(range(num_elems)):
            kiln.put(dst, k, kiln.at(src, k))
        return
    size = num_elems * bits // 8
    if size * 8 != num_elems * bits or not 0 < size <= 16:
        kiln.fail("E0205", f"an asynchronous copy of {num_elems} elements of {bits} bits", "4, 8 or 16 bytes at once", at="num_elems")
    T.cp_async(dst, src, size, predicate)
