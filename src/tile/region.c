/* The shape of a copy, and differences of index expressions. */
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

/* ---- linear forms: sum of coef * atom + constant ---- */

enum { MAXTERM = 32 };
typedef struct {
    int n;
    bool full;
    int64_t k;
    struct {
        const Expr *atom;
        int64_t coef;
    } term[MAXTERM];
} Linear;

/* as 64-bit integers wrap: the two ends of a region wrap alike */
static int64_t times(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static void collect(Linear *l, const Expr *e, int64_t by)
{
    int64_t c;
    if (e->kind == E_INT) {
        l->k = (int64_t)((uint64_t)l->k + (uint64_t)times(by, e->i));
    } else if (e->kind == E_OP && (e->op == OP_add || e->op == OP_sub)) {
        collect(l, e->arg[0], by);
        collect(l, e->arg[1], e->op == OP_add ? by : times(by, -1));
    } else if (e->kind == E_OP && e->op == OP_mul && expr_const(e->arg[1], &c)) {
        collect(l, e->arg[0], times(by, c));
    } else if (e->kind == E_OP && e->op == OP_mul && expr_const(e->arg[0], &c)) {
        collect(l, e->arg[1], times(by, c));
    } else {
        for (int i = 0; i < l->n; i++)
            if (expr_same(l->term[i].atom, e)) {
                l->term[i].coef = (int64_t)((uint64_t)l->term[i].coef + (uint64_t)by);
                return;
            }
        if (l->n == MAXTERM) {
            l->full = true;
            return;
        }
        l->term[l->n].atom = e;
        l->term[l->n++].coef = by;
    }
}

bool expr_difference(const Expr *a, const Expr *b, int64_t *out)
{
    Linear l = {0};
    collect(&l, a, 1);
    collect(&l, b, -1);
    for (int i = 0; i < l.n; i++)
        if (l.term[i].coef) return false;
    *out = l.k;
    return !l.full;
}
