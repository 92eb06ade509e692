/* The rule of each tile operation and of each call: which memory, which shapes, which types. */
#include "tile/verify/verify.h"
#include <string.h>

static const char *const space_name[] = {
    [SP_GLOBAL] = "global memory", [SP_TEMP] = "global memory", [SP_SHARED] = "shared memory",
    [SP_FRAG] = "a fragment",      [SP_LOCAL] = "local memory", [SP_SLOT] = "a pipe slot",
    [SP_BARRIER] = "a barrier"};

static const char *region_shape(Cx *cx, const Region *r)
{
    return shape_text(cx, r->buf->ndim, r->ext);
}

/* ---- tile operations ------------------------------------------------------------------------ */

static bool on_chip(Check *c, const Region *r, const Stmt *s, bool fragment_only)
{
    Space sp = r->buf->space;
    if (fragment_only ? sp == SP_FRAG : sp != SP_GLOBAL && sp != SP_TEMP && sp != SP_BARRIER)
        return true;
    report(c->cx, E0306, span_or(&r->span, s->span),
           fragment_only ? "accumulate in a T.alloc_fragment and copy it from there"
                         : "T.copy it to a shared tile first",
           "T.%s does not take '%s', which lies in %s, here", tileop_info[s->tile.op].name,
           r->buf->name, space_name[sp]);
    return false;
}

static bool is_global(const Region *r)
{
    return r->buf->space == SP_GLOBAL || r->buf->space == SP_TEMP;
}

/* T.copy, and the tile atomics, which update what T.copy would write */
static void rule_copy(Check *c, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    const char *name = tileop_info[s->tile.op].name;
    for (int k = 0; k < 2; k++)
        if (s->tile.arg[k].buf->space == SP_BARRIER) {
            report(c->cx, E0306, s->span, NULL, "T.%s does not take the barrier '%s'", name,
                   s->tile.arg[k].buf->name);
            return;
        }
    if ((s->tile.barrier || s->tile.async) && !is_global(src) && !is_global(dst))
        report(c->cx, E0306, s->span, "use T.copy",
               "an asynchronous copy goes from or to global memory, not from '%s' to '%s'",
               src->buf->name, dst->buf->name);
    CopyShape shape;
    if (copy_shape(src, dst, &shape)) return;
    Diag *d = report(c->cx, E0304, s->span, "extents other than 1 pair in order",
                     "T.%s from %s (%s) to %s (%s)", name, src->buf->name, region_shape(c->cx, src),
                     dst->buf->name, region_shape(c->cx, dst));
    note_buf(c, d, src->buf);
    note_buf(c, d, dst->buf);
}

/* the two last extents; false: more dimensions than that */
static bool matrix(const Region *r, int64_t out[2])
{
    int n = r->buf->ndim;
    for (int d = 0; d < n - 2; d++)
        if (r->ext[d] != 1) return false;
    out[0] = n > 1 ? r->ext[n - 2] : 1;
    out[1] = n > 0 ? r->ext[n - 1] : 1;
    return n >= 2;
}

static void gemm_disagrees(Check *c, const Stmt *s, const char *share, const Region *x,
                           const char *xn, const Region *y, const char *yn, int64_t a, int64_t b)
{
    Diag *d = report(
        c->cx, E0304, s->span, NULL, "gemm needs %s (%s) and %s (%s) to share %s: %lld is not %lld",
        xn, region_shape(c->cx, x), yn, region_shape(c->cx, y), share, (long long)a, (long long)b);
    note_buf(c, d, x->buf);
    note_buf(c, d, y->buf);
}

static void rule_gemm(Check *c, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *acc = &s->tile.arg[2];
    int64_t x[2], y[2], z[2];
    if (!on_chip(c, a, s, false) || !on_chip(c, b, s, false) || !on_chip(c, acc, s, true)) return;
    if (!matrix(a, x) || !matrix(b, y) || !matrix(acc, z)) {
        report(c->cx, E0304, s->span, "leading extents must be 1",
               "gemm multiplies matrices, not %s, %s and %s", region_shape(c->cx, a),
               region_shape(c->cx, b), region_shape(c->cx, acc));
        return;
    }
    int64_t m = x[s->tile.trans_a], ka = x[!s->tile.trans_a], kb = y[s->tile.trans_b],
            n = y[!s->tile.trans_b];
    if (ka != kb)
        gemm_disagrees(c, s, "K", a, "A", b, "B", ka, kb);
    else if (m != z[0])
        gemm_disagrees(c, s, "M", a, "A", acc, "C", m, z[0]);
    else if (n != z[1])
        gemm_disagrees(c, s, "N", b, "B", acc, "C", n, z[1]);
    bool fa = dtype_is_float(a->buf->type), fb = dtype_is_float(b->buf->type),
         fc = dtype_is_float(acc->buf->type);
    if (fa != fb || fa != fc)
        report(c->cx, E0302, s->span,
               "multiply floats into a float accumulator, integers into an integer one",
               "gemm of %s and %s into %s", dtype_info[a->buf->type].name,
               dtype_info[b->buf->type].name, dtype_info[acc->buf->type].name);
}

static void rule_fill(Check *c, const Stmt *s)
{
    if (s->tile.value->type != s->tile.arg[0].buf->type)
        report(c->cx, E0302, s->span, "convert the value with T.cast",
               "'%s' of %s is filled with a %s", s->tile.arg[0].buf->name,
               dtype_info[s->tile.arg[0].buf->type].name, dtype_info[s->tile.value->type].name);
}

static void rule_reduce(Check *c, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    int n = src->buf->ndim, m = dst->buf->ndim, dim = s->tile.dim;
    bool bits = s->tile.op == TO_reduce_bitand || s->tile.op == TO_reduce_bitor ||
                s->tile.op == TO_reduce_bitxor;
    if (bits && (dtype_is_float(src->buf->type) || dtype_is_float(dst->buf->type)))
        report(c->cx, E0302, s->span, "floats have no bits to combine; reinterpret them first",
               "T.%s of %s into %s", tileop_info[s->tile.op].name, dtype_info[src->buf->type].name,
               dtype_info[dst->buf->type].name);
    if (!on_chip(c, src, s, false) || !on_chip(c, dst, s, false)) return;
    if (dim < 0 || dim >= n) {
        report(c->cx, E0304, s->span, NULL, "'%s' has %d dimensions; there is no axis %d to reduce",
               src->buf->name, n, dim);
        return;
    }
    bool fits = m == n || m == n - 1 || (n == 1 && m == 1);
    for (int d = 0, e = 0; d < n && fits; d++) {
        if (d == dim) {
            if (m == n) fits = dst->ext[e++] == 1;
        } else {
            fits = e < m && src->ext[d] == dst->ext[e++];
        }
    }
    if (fits) return;
    Diag *d = report(c->cx, E0304, s->span,
                     "the result has the shape of the operand without that axis, or with 1 there",
                     "T.%s of (%s) along axis %d does not give (%s)", tileop_info[s->tile.op].name,
                     region_shape(c->cx, src), dim, region_shape(c->cx, dst));
    note_buf(c, d, src->buf);
    note_buf(c, d, dst->buf);
}

static void rule_scan(Check *c, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    bool same =
        src->buf->ndim == dst->buf->ndim && s->tile.dim >= 0 && s->tile.dim < src->buf->ndim;
    if (!on_chip(c, src, s, false) || !on_chip(c, dst, s, false)) return;
    for (int d = 0; d < src->buf->ndim && same; d++) same = src->ext[d] == dst->ext[d];
    if (!same)
        report(c->cx, E0304, s->span, "both have one shape, and the axis is one of its own",
               "T.%s along axis %d from (%s) to (%s)", tileop_info[s->tile.op].name, s->tile.dim,
               region_shape(c->cx, src), region_shape(c->cx, dst));
}

static void (*const rule[NTILEOP])(Check *, const Stmt *) = {[TO_copy] = rule_copy,
                                                             [TO_gemm] = rule_gemm,
                                                             [TO_fill] = rule_fill,
                                                             [TO_reduce_sum] = rule_reduce,
                                                             [TO_reduce_max] = rule_reduce,
                                                             [TO_reduce_min] = rule_reduce,
                                                             [TO_reduce_absmax] = rule_reduce,
                                                             [TO_reduce_abssum] = rule_reduce,
                                                             [TO_reduce_bitand] = rule_reduce,
                                                             [TO_reduce_bitor] = rule_reduce,
                                                             [TO_reduce_bitxor] = rule_reduce,
                                                             [TO_cumsum] = rule_scan,
                                                             [TO_cummax] = rule_scan,
                                                             [TO_atomic_add] = rule_copy,
                                                             [TO_atomic_max] = rule_copy,
                                                             [TO_atomic_min] = rule_copy};

void check_tile_rule(Check *c, const Stmt *s)
{
    rule[s->tile.op](c, s);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* how many arguments a row asks for at least; a text is not counted */
static int least_args(const char *row)
{
    int n = 0;
    for (; *row; row++)
        if (*row != 's' && *row != '?' && *row != '*' && row[1] != '?' && row[1] != '*') n++;
    return n;
}

static void rule_atomic(Check *c, const Expr *e)
{
    const Buf *b = e->args[0]->buf;
    bool bits = e->fn == FN_atomic_and || e->fn == FN_atomic_or || e->fn == FN_atomic_xor;
    if (bits && dtype_is_float(b->type))
        report(c->cx, E0302, e->span, "floats have no bits to combine", "T.%s on '%s' of %s",
               fn_info[e->fn].name, b->name, dtype_info[b->type].name);
}

void check_call(Check *c, Expr *e, const Scope *sc)
{
    const FnInfo *f = &fn_info[e->fn];
    if (e->nargs < least_args(f->args))
        report(c->cx, E0302, e->span, NULL, "T.%s takes %d arguments, not %d", f->name,
               least_args(f->args), e->nargs);
    if (c->launch->npipe && strncmp(f->name, "atomic_", 7) != 0)
        report(c->cx, E0308, e->span, "roles speak to each other by pipes",
               "T.%s in a launch with pipes", f->name);
    for (int k = 0; k < e->nargs; k++) {
        char letter = fn_arg(e->fn, k), place = call_place(e, k);
        if (place)
            check_place(c, e->args[k], place, sc);
        else if (letter == 'i')
            check_integer(c, e->args[k],
                          arena_printf(&c->cx->arena, "argument %d of T.%s", k + 1, f->name), sc);
        else
            check_expr(c, e->args[k], sc);
    }
    if (e->nargs && strchr("wu", f->args[0]) && !strncmp(f->name, "atomic_", 7)) rule_atomic(c, e);
}
