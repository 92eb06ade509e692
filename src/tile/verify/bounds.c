/* Does an index stay inside of its dimension? Proved by ranges, then by affine forms and what is
   known at the place, then by trying every point when they are few. Refuted by a point at which the
   place is surely reached and the index lies outside. Tensors in global memory are guarded, so only
   tiles, fragments, local arrays and slots are asked about.

   Index arithmetic is done in the types of its operands, as the dialect says, and no type is
   quietly left: a point at which it would wrap around is an error. */
#include "tile/verify/verify.h"

/* ---- proofs --------------------------------------------------------------------------------- */

/* 0 <= off and off + ext <= dim, by ranges or by forms */
static bool inside(const Expr *off, int64_t ext, const Expr *dim, const Scope *at)
{
    Affine a;
    Form low, high;
    Range i = expr_range(off, at), n = expr_range(dim, at);
    if (i.known && n.known && i.lo >= 0 && (Wide)i.hi + ext <= n.lo) return true;
    affine_at(&a, at);
    if (!affine_form(&a, off, &low) || !affine_form(&a, dim, &high)) return false;
    high.k -= ext;
    return form_add(&high, &low, -1) && affine_proves(&a, &high) && affine_proves(&a, &low);
}

bool index_in_bounds(const Expr *idx, const Expr *dim, const Scope *at)
{
    return inside(idx, 1, dim, at);
}

bool region_in_bounds(const Region *r, int d, const Scope *at)
{
    return inside(r->off[d], r->ext[d], r->buf->dim[d], at);
}

/* ---- refutations ---------------------------------------------------------------------------- */

typedef struct {
    const Expr *off;
    int64_t ext, n, seen;
} Leaving;

static bool leaves(void *user, const Point *p, bool *unknown)
{
    Leaving *l = user;
    if (!point_int(p, l->off, &l->seen)) {
        *unknown = true;
        return false;
    }
    return l->seen < 0 || (Wide)l->seen + l->ext > l->n;
}

static const char *where(Check *c, const Point *p, const Expr *about)
{
    Text t = text_new(&c->cx->arena);
    text_add(&t, " where ");
    size_t before = t.n;
    point_print(&t, p, &about, 1);
    return t.n == before ? "" : t.s;
}

/* an index has ext 0 */
static void refute(Check *c, const Buf *b, int d, Leaving *l, const Point *p, Span at)
{
    Diag *g;
    Text t = text_new(&c->cx->arena);
    print_expr(&t, l->off);
    bool fixed = l->off->kind == E_INT;
    if (l->ext == 0)
        g = report(
            c->cx, E0305, at, NULL,
            fixed ? "index %s leaves dimension %d of '%s', which has %lld elements"
                  : "index %s leaves dimension %d of '%s', which has %lld elements: it is %lld%s",
            t.s, d, b->name, (long long)l->n, (long long)l->seen, where(c, p, l->off));
    else
        g = report(c->cx, E0305, at, NULL,
                   "elements %lld to %lld of dimension %d leave '%s', which has %lld there%s",
                   (long long)l->seen, (long long)(l->seen + l->ext - 1), d, b->name,
                   (long long)l->n, where(c, p, l->off));
    note_buf(c, g, b);
}

/* ext: of a region; 0: of an index */
static void decide(Check *c, const Buf *b, int d, const Expr *off, int64_t ext, Span at,
                   const Scope *sc)
{
    Point p;
    Leaving l = {.off = off, .ext = MAX(ext, 1)};
    if (!expr_const(b->dim[d], &l.n)) return;
    Reach r = reach_find(sc, &off, 1, leaves, &l, &c->budget, &p);
    if (r == REACH_NEVER) return;
    l.ext = ext;
    if (r == REACH_FOUND && !c->unsure) {
        refute(c, b, d, &l, &p, at);
    } else if (!check_told(c, E0311, at)) {
        Text t = text_new(&c->cx->arena);
        print_expr(&t, off);
        c->nremark++;
        report(c->cx, E0311, at, NULL, "%s may leave dimension %d of '%s', which has %lld elements",
               t.s, d, b->name, (long long)l.n);
    }
}

/* ---- overflow ------------------------------------------------------------------------------- */

/* may signed arithmetic in e leave its type; the ranges cannot say otherwise */
static bool may_wrap(const Expr *e, const Scope *at)
{
    if (e->kind == E_CAST) return may_wrap(e->arg[0], at);
    if (e->kind != E_OP || dtype_is_float(e->arg[0]->type) || op_folds_bits(e->op)) return false;
    for (int i = 0; i < op_info[e->op].nargs; i++)
        if (may_wrap(e->arg[i], at)) return true;
    if (dtype_info[e->type].cls != CLS_I) return false;
    Range x = expr_range(e->arg[0], at), y = {true, 0, 0};
    if (op_info[e->op].nargs > 1) y = expr_range(e->arg[1], at);
    Wide lo, hi;
    int bits = dtype_info[e->type].bits - 1;
    return range_exact(e->op, x, y, &lo, &hi) &&
           (!x.known || !y.known || lo < -((Wide)1 << bits) || hi >= (Wide)1 << bits);
}

static bool wraps(void *user, const Point *p, bool *unknown)
{
    bool found = false;
    Num x;
    *unknown = !point_value(p, user, &x, &found) && !found;
    return found;
}

static void check_overflow(Check *c, const Expr *e, Span span, const Scope *sc)
{
    Point p;
    if (e->kind != E_OP || !may_wrap(e, sc) || c->unsure) return;
    if (reach_find(sc, &e, 1, wraps, (void *)e, &c->budget, &p) != REACH_FOUND) return;
    Text t = text_new(&c->cx->arena);
    print_expr(&t, e);
    report(c->cx, E0310, span_or(&e->span, span),
           "convert an operand first, T.cast(x, \"int64\"): then it is computed in 64 bits",
           "%s does not fit %s%s", t.s, dtype_info[e->type].name, where(c, &p, e));
}

/* ---- what the walk asks ------------------------------------------------------------------------
 */

/* ext: of a region; 0: an index */
void check_bounds(Check *c, const Buf *b, int d, const Expr *off, int64_t ext, Span span,
                  const Scope *sc)
{
    bool guarded = b->space == SP_GLOBAL || b->space == SP_TEMP;
    if (dtype_is_float(off->type)) return;
    check_overflow(c, off, span, sc);
    if (guarded || inside(off, MAX(ext, 1), b->dim[d], sc)) return;
    /* a variable carries the place where it was bound */
    decide(c, b, d, off, ext, ext || off->kind == E_VAR ? span : span_or(&off->span, span), sc);
}
