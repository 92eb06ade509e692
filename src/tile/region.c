/* The shape of a copy: which dimension of one moves to which of the other. */
#include "tile/tile.h"
#include <string.h>

static int thick(const Region *r)
{
    int n = 0;
    for (int d = 0; d < r->buf->ndim; d++) n += r->ext[d] != 1;
    return n;
}

/* equally many extents other than 1: the k-th of one pairs with the k-th of the other */
static bool pair_thick(const Region *src, const Region *dst, CopyShape *out)
{
    int s = 0, d = 0;
    for (;; s++, d++) {
        while (s < src->buf->ndim && src->ext[s] == 1) s++;
        while (d < dst->buf->ndim && dst->ext[d] == 1) d++;
        if (s == src->buf->ndim || d == dst->buf->ndim) return true;
        if (src->ext[s] != dst->ext[d]) return false;
        out->ext[out->n] = src->ext[s];
        out->src[out->n] = s;
        out->dst[out->n++] = d;
    }
}

/* otherwise aligned at the right; an extent of 1 in the source is repeated */
static bool pair_right(const Region *src, const Region *dst, CopyShape *out)
{
    int ns = src->buf->ndim, nd = dst->buf->ndim;
    for (int k = MAX(ns, nd); k > 0; k--) {
        int s = ns - k, d = nd - k;
        int64_t es = s >= 0 ? src->ext[s] : 1, ed = d >= 0 ? dst->ext[d] : 1;
        if (es == 1 && ed == 1) continue;
        if (es != ed && es != 1) return false;
        out->ext[out->n] = ed;
        out->src[out->n] = es == 1 ? -1 : s;
        out->dst[out->n++] = d;
    }
    return true;
}

bool copy_shape(const Region *src, const Region *dst, CopyShape *out)
{
    memset(out, 0, sizeof *out);
    return thick(src) == thick(dst) ? pair_thick(src, dst, out) : pair_right(src, dst, out);
}
