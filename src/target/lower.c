/* Tile operations as nests of element stores, for those that a target has no instruction for: what
   remains to be said of them is then said once, for all nests. Every statement is lowered once; the
   nests are ours, the schedule stays as it is. */
#include "target/emitter.h"
#include <string.h>

struct Emit {
    EMITTER
};

/* MAXPAR variables a loop: more are loops in loops; none: a block that runs once */
static Stmt *parallel(Emit *e, const Stmt *s, int n, const int64_t *ext, Var **var)
{
    static const char *const names[] = {"i", "j", "k", "l", "m", "n", "o", "p"};
    Stmt *outer = NULL, *loop = NULL;
    for (int d = 0; d < n || !loop; d++) {
        if (d % MAXPAR == 0) {
            Stmt *next = stmt_new(e->cx, S_LOOP, s->span);
            next->loop.how = LOOP_PARALLEL;
            next->loop.lo = expr_i32(e->cx, 0);
            next->loop.step = 1;
            *(loop ? &loop->loop.body : &outer) = next;
            loop = next;
        }
        if (n == 0) break;
        var[d] = var_new(e->cx, names[d], DT_int32, V_LOOP, s->span);
        loop->loop.var[d % MAXPAR] = var[d];
        loop->loop.hi[d % MAXPAR] = expr_i32(e->cx, ext[d]);
        loop->loop.n = d % MAXPAR + 1;
    }
    return outer;
}

static Stmt *innermost(Stmt *loop)
{
    while (loop->loop.body) loop = loop->loop.body;
    return loop;
}

static Stmt *store(Emit *e, const Stmt *s, Buf *b, Expr *const *idx, Expr *value)
{
    Stmt *st = stmt_new(e->cx, S_STORE, s->span);
    st->store.buf = b;
    st->store.idx = NEWN(&e->cx->arena, Expr *, b->ndim + 1);
    if (b->ndim) memcpy(st->store.idx, idx, sizeof *idx * (size_t)b->ndim);
    st->store.value = expr_cast(e->cx, value, b->type, s->span);
    return st;
}

/* the index of a region's element: its offset, and the loop variable of each dimension that moves
 */
static void region_index(Emit *e, const Region *r, int n, const int *dim, Var *const *var,
                         Expr **idx)
{
    for (int d = 0; d < r->buf->ndim; d++) idx[d] = r->off[d];
    for (int k = 0; k < n; k++)
        if (dim[k] >= 0)
            idx[dim[k]] = expr_add(e->cx, idx[dim[k]], expr_var(e->cx, var[k], r->span));
}

static Stmt *update(Emit *e, const Stmt *s, Buf *b, Expr *const *idx, Expr *value)
{
    static const Fn call[NTILEOP] = {[TO_atomic_add] = FN_atomic_add,
                                     [TO_atomic_max] = FN_atomic_max,
                                     [TO_atomic_min] = FN_atomic_min};
    Stmt *st = stmt_new(e->cx, S_EVAL, s->span);
    Expr *arg[2] = {expr_load(e->cx, b, idx, s->span), expr_cast(e->cx, value, b->type, s->span)};
    st->eval = expr_call(e->cx, call[s->tile.op], arg, 2, NULL, DT_none, s->span);
    return st;
}

/* a copy, or an atomic update of each element */
static Stmt *lower_copy(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    CopyShape c;
    Var *var[MAXDIM];
    Expr *from[MAXDIM] = {0}, *to[MAXDIM] = {0};
    if (!copy_shape(src, dst, &c))
        fail(e->cx, E0902, s->span, NULL, "the extents of a copy do not fit");
    Stmt *nest = parallel(e, s, c.n, c.ext, var);
    region_index(e, src, c.n, c.src, var, from);
    region_index(e, dst, c.n, c.dst, var, to);
    Expr *value = expr_load(e->cx, src->buf, from, s->span);
    innermost(nest)->loop.body = s->tile.op == TO_copy ? store(e, s, dst->buf, to, value)
                                                       : update(e, s, dst->buf, to, value);
    return nest;
}

static Stmt *lower_fill(Emit *e, const Stmt *s)
{
    const Region *dst = &s->tile.arg[0];
    Var *var[MAXDIM];
    Expr *to[MAXDIM] = {0};
    int64_t ext[MAXDIM];
    int dim[MAXDIM], n = 0;
    for (int d = 0; d < dst->buf->ndim; d++)
        if (dst->ext[d] != 1) {
            dim[n] = d;
            ext[n++] = dst->ext[d];
        }
    Stmt *nest = parallel(e, s, n, ext, var);
    region_index(e, dst, n, dim, var, to);
    innermost(nest)->loop.body = store(e, s, dst->buf, to, s->tile.value);
    return nest;
}

/* the two dimensions of a gemm operand: the last two; those before have extent 1 */
static Expr *operand(Emit *e, const Region *r, Expr *row, Expr *col)
{
    Expr *idx[MAXDIM];
    int n = r->buf->ndim;
    for (int d = 0; d < n; d++) idx[d] = r->off[d];
    idx[n - 2] = expr_add(e->cx, idx[n - 2], row);
    idx[n - 1] = expr_add(e->cx, idx[n - 1], col);
    return expr_load(e->cx, r->buf, idx, r->span);
}

static Expr *zero_of(Emit *e, DType t, Span at)
{
    return dtype_is_float(t) ? expr_float(e->cx, 0, t, at) : expr_int(e->cx, 0, t, at);
}

Stmt *lower_loop(Cx *cx, Var *v, int64_t ext)
{
    Stmt *loop = stmt_new(cx, S_LOOP, v->span);
    loop->loop.how = LOOP_SERIAL;
    loop->loop.n = 1;
    loop->loop.var[0] = v;
    loop->loop.lo = expr_i32(cx, 0);
    loop->loop.hi[0] = expr_i32(cx, ext);
    loop->loop.step = 1;
    return loop;
}

/* a sum or the like in the making: sum = start; for v in T.serial(n): sum = next; and what follows
 */
typedef struct {
    Buf *buf;
    Expr *now;
    Stmt *loop;
    Tail tail; /* behind the loop */
} Sum;

static Sum sum_new(Emit *e, const Stmt *s, const char *name, DType t, Var *v, int64_t n)
{
    Sum sum = {.buf = buf_new(e->cx, name, t, SP_LOCAL, 0, NULL, s->span)};
    sum.now = expr_load(e->cx, sum.buf, NULL, s->span);
    sum.loop = lower_loop(e->cx, v, n);
    return sum;
}

static void sum_put(Emit *e, const Stmt *s, Sum *sum, Stmt *nest, Expr *start, Expr *next)
{
    Stmt *alloc = stmt_new(e->cx, S_ALLOC, s->span);
    alloc->alloc = sum->buf;
    sum->tail = &innermost(nest)->loop.body;
    stmt_add(&sum->tail, alloc);
    stmt_add(&sum->tail, store(e, s, sum->buf, NULL, start));
    sum->loop->loop.body = store(e, s, sum->buf, NULL, next);
    stmt_add(&sum->tail, sum->loop);
}

/* for i, j in T.Parallel(M, N): sum = C[i, j] or 0; for k in T.serial(K): sum = sum + A[i, k] *
 * B[k, j]; C[i, j] = sum */
static Stmt *lower_gemm(Emit *e, const Stmt *s)
{
    Cx *cx = e->cx;
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    int na = a->buf->ndim, nc = c->buf->ndim;
    int64_t ext[2] = {c->ext[nc - 2], c->ext[nc - 1]},
            depth = s->tile.trans_a ? a->ext[na - 2] : a->ext[na - 1];
    Var *var[MAXDIM], *k = var_new(cx, "k", DT_int32, V_LOOP, s->span);
    Stmt *nest = parallel(e, s, 2, ext, var);
    Expr *i = expr_var(cx, var[0], s->span), *j = expr_var(cx, var[1], s->span),
         *kk = expr_var(cx, k, s->span), *old = operand(e, c, i, j);
    DType t = dtype_is_narrow(c->buf->type) ? DT_float32 : c->buf->type;
    Sum sum = sum_new(e, s, "sum", t, k, depth);
    Expr *x = s->tile.trans_a ? operand(e, a, kk, i) : operand(e, a, i, kk);
    Expr *y = s->tile.trans_b ? operand(e, b, j, kk) : operand(e, b, kk, j);
    Expr *product = expr_op(cx, OP_mul, expr_cast(cx, x, t, s->span), expr_cast(cx, y, t, s->span),
                            NULL, s->span);
    sum_put(e, s, &sum, nest,
            s->tile.clear ? zero_of(e, t, s->span) : expr_cast(cx, old, t, s->span),
            expr_op(cx, OP_add, sum.now, product, NULL, s->span));
    stmt_add(&sum.tail, store(e, s, c->buf, old->idx, sum.now));
    return nest;
}

/* ---- reductions and running sums ------------------------------------------------------------- */

DType lower_number(DType src, DType dst)
{
    if (!dtype_is_float(dst)) return dtype_info[dst].bits < 32 ? DT_int32 : dst;
    return src == DT_float64 || dst == DT_float64 ? DT_float64 : DT_float32;
}

void lower_kept(Emit *e, const Stmt *s, Kept *l)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    int axis = s->tile.dim, d = 0;
    bool scan = s->tile.op == TO_cumsum;
    *l = (Kept){.axis_dst = -1};
    for (int k = 0; k < src->buf->ndim; k++) {
        if (src->ext[k] == 1 || (k == axis && !scan)) continue;
        while (d < dst->buf->ndim && dst->ext[d] == 1) d++;
        if (d == dst->buf->ndim || dst->ext[d] != src->ext[k])
            fail(e->cx, E0902, s->span, NULL, "the extents of '%s' and '%s' do not fit",
                 src->buf->name, dst->buf->name);
        if (k == axis) {
            l->axis_dst = d++;
            continue;
        }
        l->src[l->n] = k;
        l->dst[l->n] = d++;
        l->ext[l->n++] = src->ext[k];
    }
}

static Expr *absolute(Emit *e, const Stmt *s, Expr *x)
{
    return s->tile.op == TO_reduce_absmax ? expr_op(e->cx, OP_abs, x, NULL, NULL, s->span) : x;
}

/* an element of the source as a number to join; what is no float is brought to the type of the
 * result first */
static Expr *number(Emit *e, const Stmt *s, Expr *const *idx, DType num)
{
    const Buf *src = s->tile.arg[0].buf, *dst = s->tile.arg[1].buf;
    Expr *x = expr_load(e->cx, (Buf *)src, idx, s->span);
    if (!dtype_is_float(src->type) || !dtype_is_float(dst->type))
        x = expr_cast(e->cx, x, dst->type, s->span);
    return absolute(e, s, expr_cast(e->cx, x, num, s->span));
}

/* for i in T.Parallel(...): all = start; for n in T.serial(N): all = join(all, X[i, n]); Y[i] =
 * all; a running sum stores each one */
static Stmt *lower_reduce(Emit *e, const Stmt *s)
{
    Cx *cx = e->cx;
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    bool scan = s->tile.op == TO_cumsum;
    int axis = s->tile.dim;
    Kept l;
    Var *var[MAXDIM], *v = var_new(cx, "n", DT_int32, V_LOOP, s->span);
    Expr *from[MAXDIM], *first[MAXDIM], *to[MAXDIM];
    lower_kept(e, s, &l);
    Stmt *nest = parallel(e, s, l.n, l.ext, var);
    region_index(e, src, l.n, l.src, var, first);
    region_index(e, dst, l.n, l.dst, var, to);
    memcpy(from, first, sizeof from);
    Expr *n = expr_var(cx, v, s->span);
    if (s->tile.reverse)
        n = expr_op(cx, OP_sub, expr_i32(cx, src->ext[axis] - 1), n, NULL, s->span);
    from[axis] = expr_add(cx, from[axis], n);
    if (l.axis_dst >= 0) to[l.axis_dst] = expr_add(cx, to[l.axis_dst], n);
    DType num = lower_number(src->buf->type, dst->buf->type);
    if (scan && dtype_is_float(num)) num = DT_float64;
    Sum all = sum_new(e, s, "all", num, v, src->ext[axis]);
    Op join = scan || s->tile.op == TO_reduce_sum ? OP_add
              : s->tile.op == TO_reduce_min       ? OP_min
                                                  : OP_max;
    Expr *start = zero_of(e, num, s->span);
    if (!scan && !s->tile.clear)
        start = expr_cast(cx, expr_load(cx, dst->buf, to, s->span), num, s->span);
    else if (join != OP_add)
        start = number(e, s, first, num);
    sum_put(e, s, &all, nest, start,
            expr_op(cx, join, all.now, number(e, s, from, num), NULL, s->span));
    if (scan) all.tail = &all.loop->loop.body->next;
    stmt_add(&all.tail, store(e, s, dst->buf, to, all.now));
    return nest;
}

Stmt *lower_tile(Emit *e, const Stmt *s)
{
    for (int i = 0; i < e->nlowered; i++)
        if (e->lowered[i].from == s) return e->lowered[i].to;
    Stmt *to = s->tile.op == TO_copy || stmt_is_update(s) ? lower_copy(e, s)
               : s->tile.op == TO_fill                    ? lower_fill(e, s)
               : s->tile.op == TO_gemm                    ? lower_gemm(e, s)
                                                          : lower_reduce(e, s);
    if ((e->nlowered & (e->nlowered + 1)) == 0) { /* full at 0, 1, 3, 7 ...: double */
        void *more = arena_alloc(&e->cx->arena, sizeof *e->lowered * (size_t)(2 * e->nlowered + 1));
        if (e->nlowered) memcpy(more, e->lowered, sizeof *e->lowered * (size_t)e->nlowered);
        e->lowered = more;
    }
    e->lowered[e->nlowered].from = s;
    e->lowered[e->nlowered++].to = to;
    return to;
}
