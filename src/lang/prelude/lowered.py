"""T. functions that are loops of simpler ones."""
import math
import kiln
import tilelang.language as T

GROUP_CONFIG = {t: (1, 2) if t == "float32" else (2, 4)
                for t in (T.float32, T.float16, T.bfloat16, T.int8, T.uint8, T.float8_e4m3fn, T.float8_e5m2)}


def get_e_factor(a_dtype, meta_dtype):
    return T.dtype(meta_dtype).bits // 4 * GROUP_CONFIG[a_dtype][1]


def get_e_replicate_factor(a_dtype):
    return 1 if T.dtype(a_dtype).bits <= 8 else 2


def swapped(axes):
    return (*axes[:-2], *axes[:-3:-1])


@T.macro
def transpose(src, dst, annotations):
    """The last two axes change places; where they do so only without the axes of one element, these are left out."""
    axes = len(kiln.extents(dst)) if kiln.extents(src) == swapped(kiln.extents(dst)) else 2
    src, dst = kiln.tile(src, axes), kiln.tile(dst, axes)
    sizes = kiln.extents(dst)
    assert kiln.extents(src) == swapped(sizes), f"T.transpose of {kiln.extents(src)} is not {sizes}"
    outer = sizes[:-2]
    for k in T.serial(math.prod(outer)) if outer else [0]:
        at = tuple([k // math.prod(outer[d + 1:]) % outer[d] for d in list(range(len(outer)))])
        for i, j in T.Parallel(*sizes[-2:]):
            dst[(*at, i, j)] = src[(*at, j, i)]


@T.macro
def im2col(img, col, nhw_step, c_step, kernel, stride, dilation, pad, eviction_policy, annotations):
    """Row m is a pixel of the output, column k a place in its window and a channel; outside of the image stands 0."""
    assert len(img.shape) == 4, "T.im2col takes an image (N, H, W, C)"
    col = kiln.tile(col, 2)
    rows, cols = kiln.extents(col)
    high, wide = [(d + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1 for d in img.shape[1:3]]
    channels = img.shape[3]
    for i, j in T.Parallel(rows, cols):
        m = nhw_step * rows + i
        q = c_step * cols + j
        tap = q // channels
        y = m % (high * wide) // wide * stride + tap // kernel * dilation - pad
        x = m % (high * wide) % wide * stride + tap % kernel * dilation - pad
        col[i, j] = img[m // (high * wide), y, x, q % channels]


@T.macro
def gemm_sp(A, E, B, C, transpose_A, transpose_E, transpose_B, policy, clear_accum, k_pack, annotations):
    """Four bits of E tell which elements of a group A has: the full A is made, then it is an ordinary gemm."""
    kept, group = GROUP_CONFIG[A.dtype]
    sizes, words = kiln.extents(A), T.dtype(E.dtype).bits // 4
    rows, packed = (sizes[1], sizes[0]) if transpose_A else sizes
    full = packed * group // kept
    want = (full // group // words, rows) if transpose_E else (rows, full // group // words)
    assert kiln.extents(E) == want, f"the positions of {rows} x {full} elements are {want} words, not {kiln.extents(E)}"
    dense = T.alloc_shared((rows, full), A.dtype)
    for i, k in T.Parallel(rows, full):
        g = k // group
        four = T.cast(E[g // words, i] if transpose_E else E[i, g // words], "int32") >> (g % words * 4)
        value = T.cast(0, A.dtype)
        for s in [1, 0][-kept:]:
            at = four >> 2 * s & 3 if kept == 2 else four >> 1 & 1
            j = g * kept + s
            value = T.if_then_else(at == k % group, A[j, i] if transpose_A else A[i, j], value)
        dense[i, k] = value
    T.gemm(dense, B, C, transpose_B=transpose_B, clear_accum=clear_accum)


@T.macro
def dp4a(A: T.Ref, B: T.Ref, C: T.Ref):
    types = [kiln.at(A, 0).dtype, kiln.at(B, 0).dtype, kiln.at(C, 0).dtype]
    assert types == ["int8", "int8", "int32"], f"T.dp4a takes int8, int8 and int32, not {types}"
    products = [T.cast(kiln.at(A, k), "int32") * T.cast(kiln.at(B, k), "int32") for k in list(range(4))]
    kiln.put(C, 0, kiln.at(C, 0) + products[0] + products[1] + products[2] + products[3])


@T.macro
def tvm_storage_sync(scope):
    assert scope in ("shared", "shared.dyn", "warp"), f"T.tvm_storage_sync is of shared memory or a warp, not of '{scope}'"
    if scope == "warp":
        T.sync_warp()
    else:
        T.sync_threads()


def bits_at(src, bit, n):
    """n bits of memory, from this one on"""
    width = kiln.at(src, 0).dtype.bits
    return T.cast(kiln.at(src, bit // width), "int32") >> bit % width & (1 << n) - 1


def decode_ints(src, dst, count, bits, middle, pairs):
    """packed integers minus a middle value: two by two in halves of a word, or four by four in its bytes"""
    each = 8 // bits
    for e in list(range(count)):
        bit = bits * (e // 2) + 4 * bits * (e % 2) if pairs else 32 * (e // (4 * each)) + bits * (e // 4 % each) + 8 * (e % 4)
        kiln.put(dst, e, bits_at(src, bit, bits) - middle)


def decode_fp4(src, dst, words):
    """e2m1, eight in four bytes of which the first is the highest, their bits where shifts and masks bring them to bfloat16's"""
    for w in list(range(words)):
        for e in list(range(8)):
            place = [(15, 8, 7, 6), (12, 5, 4, 3), (9, 2, 1, 0), (14, 11, 10, 13)][e % 4]
            bit = [b + (16 if e < 4 else 0) for b in place]
            sign, high, low, half = [bits_at(src, 32 * w + 8 * (3 - b // 8) + b % 8, 1) for b in bit]
            power = high << 1 | low
            halves = T.if_then_else(power == 0, half, half + 2 << power - 1)
            size = T.cast(halves, "float32") * 0.5
            kiln.put(dst, 8 * w + e, T.if_then_else(sign != 0, -size, size))


known = {f"decode_i{bits}{sign}_to_{to}": (bits, 0 if sign == "u" else middle, to == "f16", 8 if to == "f16" else 16)
         for bits, to, middle in [(4, "f16", 8), (2, "f16", 2), (4, "i8s", 7), (2, "i8s", 2)] for sign in "us"}


def decode(name, src, dst, count=None):
    """the functions of imported source whose meaning is known by name; False for any other"""
    if name == "decode_fp4_to_bf16_twiddling":
        decode_fp4(src, dst, 8 if count is None else count)
        return True
    if name not in known:
        return False
    bits, middle, pairs, default = known[name]
    decode_ints(src, dst, default if count is None else count, bits, middle, pairs)
    return True
