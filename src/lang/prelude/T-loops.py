"""Functions that are loops of simpler ones."""
import math
import kiln
import tilelang.language as T


def _swapped(axes):
    return (*axes[:-2], *axes[:-3:-1])


@T.macro
def transpose(src, dst, annotations=None):
    """dst[..., j, i] = src[..., i, j]

    The last two axes change places; where they do so only without the axes of one element, these are left out."""
    axes = len(kiln.extents(dst)) if kiln.extents(src) == _swapped(kiln.extents(dst)) else 2
    src, dst = kiln.tile(src, axes), kiln.tile(dst, axes)
    sizes = kiln.extents(dst)
    assert kiln.extents(src) == _swapped(sizes), f"T.transpose of {kiln.extents(src)} is not {sizes}"
    outer = sizes[:-2]
    for k in T.serial(math.prod(outer)) if outer else [0]:
        at = tuple([k // math.prod(outer[d + 1:]) % outer[d] for d in list(range(len(outer)))])
        for i, j in T.Parallel(*sizes[-2:]):
            dst[(*at, i, j)] = src[(*at, j, i)]


@T.macro
def im2col(img, col, nhw_step, c_step, kernel, stride, dilation, pad, eviction_policy=None, annotations=None):
    """the windows of an image as rows of a tile

    Row m is a pixel of the output, column k a place in its window and a channel; outside of the image stands 0."""
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
def dp4a(A: T.Ref, B: T.Ref, C: T.Ref):
    """C += the sum of four products of bytes"""
    types = [kiln.at(A, 0).dtype, kiln.at(B, 0).dtype, kiln.at(C, 0).dtype]
    assert types == ["int8", "int8", "int32"], f"T.dp4a takes int8, int8 and int32, not {types}"
    products = [T.cast(kiln.at(A, k), "int32") * T.cast(kiln.at(B, k), "int32") for k in list(range(4))]
    kiln.put(C, 0, kiln.at(C, 0) + products[0] + products[1] + products[2] + products[3])


@T.macro
def any_of(buffer):
    """one element holds"""
    if not kiln.space(buffer):
        return T.cast(buffer, "bool")
    some = T.alloc_var("bool", False)
    kiln.each(buffer, lambda x: kiln.put(some, 0, T.Or(some, x if x.dtype == "bool" else x != T.cast(0, x.dtype))))
    return kiln.value(some)


@T.macro
def all_of(buffer):
    """all elements hold"""
    if not kiln.space(buffer):
        return T.cast(buffer, "bool")
    every = T.alloc_var("bool", True)
    kiln.each(buffer, lambda x: kiln.put(every, 0, T.And(every, x if x.dtype == "bool" else x != T.cast(0, x.dtype))))
    return kiln.value(every)
