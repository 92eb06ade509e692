/* T.: buffers and the tile operations on them. */
#include "lang/dialect.h"
#include <math.h>
#include <string.h>

/* ---- buffers ---- */

Value alloc_tile(Eval *ev, Call *c, Space sp)
{
    Expr *dim[MAXDIM];
    int n = shape_arg(ev, c->arg[0], c->at[0], SHAPE_TILE, dim);
    return emit_alloc(ev, sp, to_dtype(ev, c->arg[1], c->at[1]), n, dim, c->span);
}

Value t_alloc(Eval *ev, Call *c)
{
    /* what holds nothing is there to be named, in branches that are not taken */
    if (c->fn->op == SP_LOCAL && c->arg[0].kind == VAL_INT && !c->arg[0].i) return NONE_VALUE;
    return alloc_tile(ev, c, (Space)c->fn->op);
}

/* T.alloc_buffer: the space is a word */
Value t_alloc_buffer(Eval *ev, Call *c)
{
    static const char *const scopes[] = {"global",         "shared", "shared.dyn",
                                         "local.fragment", "local",  "local.var"};
    static const Space of[COUNT(scopes)] = {SP_GLOBAL, SP_SHARED, SP_SHARED,
                                            SP_FRAG,   SP_LOCAL,  SP_LOCAL};
    int k = choice_arg(ev, c, 2, scopes, COUNT(scopes), "scope");
    return of[k] == SP_GLOBAL ? t_alloc_global(ev, c) : alloc_tile(ev, c, of[k]);
}

/* T.alloc_var(dtype, init), T.alloc_var(dtype, scope, init=...) */
Value t_alloc_var(Eval *ev, Call *c)
{
    Value v = emit_alloc(ev, SP_LOCAL, to_dtype(ev, c->arg[0], c->at[0]), 0, NULL, c->span);
    Value init = c->arg[2];
    Span at = c->at[2];
    for (int i = 0; i < c->rest.n; i++) {
        if (c->rest.at[i].kind == VAL_STR) continue;
        init = c->rest.at[i];
        at = c->span;
    }
    if (init.kind == VAL_FLOAT && isfinite(init.f) && isinf(dtype_round(v.buf->type, init.f)))
        eval_fail(ev, E0205, at, NULL, "%g is more than a %s can hold", init.f,
                  dtype_info[v.buf->type].name);
    if (init.kind != VAL_NONE)
        emit_store(ev, v.buf, NULL, to_typed(ev, init, v.buf->type, at), c->span);
    return v;
}

Value t_alloc_global(Eval *ev, Call *c)
{
    Expr *dim[MAXDIM];
    if (!ev->prog) eval_fail(ev, E0209, c->span, NULL, "T.alloc_global outside of a kernel");
    int n = shape_arg(ev, c->arg[0], c->at[0], SHAPE_MEMORY, dim);
    Buf *b = buf_new(ev->cx, "", to_dtype(ev, c->arg[1], c->at[1]), SP_TEMP, n, dim, c->span);
    ev->prog->temp = list_add(ev, ev->prog->temp, &ev->prog->ntemp, b);
    return value_buf(b);
}

/* ---- tile operations ---- */

Stmt *emit_tile(Eval *ev, Call *c, TileOp op, const Region *arg, int n)
{
    Stmt *s = emit(ev, S_TILE, c->span);
    s->tile.op = op;
    for (int i = 0; i < n; i++) s->tile.arg[i] = arg[i];
    return s;
}

static Stmt *emit_copy(Eval *ev, Call *c, const Region arg[2])
{
    Stmt *s = emit_tile(ev, c, TO_copy, arg, 2);
    s->tile.value = safe_value(ev, arg[0].buf);
    return s;
}

static void store_element(Eval *ev, Value to, Value v, Span at, Span from, Span whole)
{
    Expr *place = to_place(ev, to, at);
    emit_store(ev, place->buf, place->idx, to_typed(ev, v, place->type, from), whole);
}

/* ---- copies whose extents are known only when it runs: a nest over constant ones, under
 * conditions ---- */

typedef struct {
    Buf *buf;
    Expr *lo[MAXDIM], *ext[MAXDIM];
    bool element; /* names only where it begins */
} Side;

/* false: all extents are constant, or it is no region */
static bool open_side(Eval *ev, Value v, Span at, Side *s)
{
    bool open = false;
    *s = (Side){.buf = v.kind == VAL_BUF ? v.buf : v.kind == VAL_REF ? v.ref->buf : NULL};
    if (!s->buf || s->buf->space == SP_BARRIER) return false;
    s->element = v.kind == VAL_REF && !v.ref->slices;
    for (int d = 0; d < s->buf->ndim; d++) {
        int64_t n = 1;
        Expr *hi = v.kind == VAL_BUF ? s->buf->dim[d] : v.ref->hi[d];
        s->lo[d] = v.kind == VAL_BUF ? expr_i32(ev->cx, 0) : v.ref->lo[d];
        bool known = !hi || expr_difference(hi, s->lo[d], &n);
        s->ext[d] = known ? expr_i32(ev->cx, n) : build_op(ev, OP_sub, hi, s->lo[d], at);
        open |= !known;
    }
    return open;
}

/* the next axis from d on that has more than one element; of a side without extents the one as far
 * from the right */
static int next_axis(const Side *s, int d)
{
    int64_t n;
    while (d < s->buf->ndim && expr_const(s->ext[d], &n) && n == 1) d++;
    return d;
}

/* how many iterations an extent that is not constant can have: as many as the other side, or the
 * axis of a tile */
static int64_t most(const Side *const side[2], const int axis[2])
{
    int64_t n;
    for (int k = 0; k < 2; k++)
        if (!side[k]->element && expr_const(side[k]->ext[axis[k]], &n)) return n;
    for (int k = 0; k < 2; k++)
        if (side[k]->buf->space != SP_GLOBAL && expr_const(side[k]->buf->dim[axis[k]], &n))
            return n;
    return -1;
}

/* The side whose memory is nearer to the threads says how much is moved; where that is not
   constant, a condition does. False: all extents are constant, or no bound is */
static bool copy_open(Eval *ev, Call *c)
{
    Side s[2];
    bool open = false, guarded = false;
    int64_t ext[MAXPAR];
    int axis[MAXPAR][2], n = 0;
    for (int k = 0; k < 2; k++) open |= open_side(ev, c->arg[k], c->at[k], &s[k]);
    if (!open || !s[0].buf || !s[1].buf) return false;
    int first = s[0].element || (!s[1].element && nearness(s[1].buf) > nearness(s[0].buf));
    const Side *const side[2] = {&s[first], &s[!first]};
    for (int d = next_axis(side[0], 0), e = 0; d < side[0]->buf->ndim;
         d = next_axis(side[0], d + 1)) {
        e = side[1]->element ? side[1]->buf->ndim - (side[0]->buf->ndim - d)
                             : next_axis(side[1], e);
        if (n == MAXPAR || e < 0 || e >= side[1]->buf->ndim) return false;
        axis[n][0] = d;
        axis[n][1] = e++;
        bool fixed = expr_const(side[0]->ext[d], &ext[n]);
        if (!fixed) ext[n] = most(side, axis[n]);
        if (ext[n] < 1) return false;
        guarded |= !fixed;
        n++;
    }
    Region r[2] = {{.buf = s[0].buf, .span = c->at[0]}, {.buf = s[1].buf, .span = c->at[1]}};
    for (int k = 0; k < 2; k++) {
        Region *to = &r[k ? !first : first];
        for (int d = 0; d < to->buf->ndim; d++) to->off[d] = side[k]->lo[d], to->ext[d] = 1;
        for (int i = 0; i < n; i++) to->ext[axis[i][k]] = ext[i];
    }
    if (!guarded) {
        emit_copy(ev, c, r);
        return true;
    }
    Nest nest, inner;
    Expr *cond = NULL;
    emit_nest(ev, &nest, LOOP_PARALLEL, n, ext, c->span);
    for (int i = 0; i < n; i++) {
        int64_t fixed;
        Expr *have = side[0]->ext[axis[i][0]],
             *in = build_op(ev, OP_lt, nest.index[i], have, c->span);
        for (int k = 0; k < 2; k++) {
            Expr **off = &r[k ? !first : first].off[axis[i][k]];
            *off = build_op(ev, OP_add, *off, nest.index[i], c->span);
        }
        if (!expr_const(have, &fixed)) cond = cond ? build_op(ev, OP_and, cond, in, c->span) : in;
    }
    emit_branch(ev, &inner, cond, c->span);
    emit_store(ev, r[1].buf, r[1].off, load_element(ev, r[0].buf, r[0].off, c->span), c->span);
    close_block(ev, inner.block, inner.saved);
    close_block(ev, nest.block, nest.saved);
    return true;
}

static Stmt *copy(Eval *ev, Call *c)
{
    Region arg[2];
    copy_regions(ev, c, &arg[0], &arg[1]);
    return emit_copy(ev, c, arg);
}

Value t_copy(Eval *ev, Call *c)
{
    if (!is_region(&c->arg[0]) && is_symbolic(&c->arg[0]) && is_place(&c->arg[1])) {
        store_element(ev, c->arg[1], c->arg[0], c->at[1], c->at[0], c->span);
        return NONE_VALUE;
    }
    for (int i = 0; i < 2; i++)
        if (c->arg[i].kind == VAL_POINTER) c->arg[i].kind = VAL_REF;
    if (copy_open(ev, c)) return NONE_VALUE;
    Stmt *s = copy(ev, c);
    if (c->n > 8 && c->arg[8].kind != VAL_NONE) /* `outside` of a dump */
        s->tile.value = to_typed(ev, c->arg[8], s->tile.arg[0].buf->type, c->at[8]);
    return NONE_VALUE;
}

/* the bytes of the copy are counted on a barrier; a store has none */
Value t_tma_copy(Eval *ev, Call *c)
{
    Stmt *s = copy(ev, c);
    if (c->arg[2].kind != VAL_NONE) s->tile.barrier = to_barrier(ev, c, c->arg[2], c->at[2]);
    return NONE_VALUE;
}

Value t_async_copy(Eval *ev, Call *c)
{
    copy(ev, c)->tile.async = true;
    return NONE_VALUE;
}

static void fill(Eval *ev, Call *c, Region r, Value v, Span at)
{
    Expr *e = to_typed(ev, v, r.buf->type, at);
    emit_tile(ev, c, TO_fill, &r, 1)->tile.value = e;
}

/* without a value: 0 */
Value t_fill(Eval *ev, Call *c)
{
    bool given = c->n > 2;
    Value to = c->arg[0], v = given ? c->arg[1] : value_int(0);
    Span at = given ? c->at[1] : c->span;
    if (is_place(&to))
        store_element(ev, to, v, c->at[0], at, c->span);
    else
        fill(ev, c, to_region(ev, to, c->at[0]), v, at);
    return NONE_VALUE;
}

static Stmt *gemm(Eval *ev, Call *c)
{
    Region arg[3];
    for (int i = 0; i < 3; i++) arg[i] = to_region(ev, c->arg[i], c->at[i]);
    Value clear = simplify(c->arg[6]);
    bool known = !is_symbolic(&clear);
    if (!known) { /* a branch that clears */
        Nest nest;
        emit_branch(ev, &nest, to_expr(ev, clear, c->at[6]), c->span);
        fill(ev, c, arg[2], value_int(0), c->span);
        close_block(ev, nest.block, nest.saved);
    }
    Stmt *s = emit_tile(ev, c, TO_gemm, arg, 3);
    s->tile.trans_a = to_bool(ev, c->arg[3], c->at[3], "transpose_A");
    s->tile.trans_b = to_bool(ev, c->arg[4], c->at[4], "transpose_B");
    s->tile.clear = known && to_bool(ev, clear, c->at[6], "clear_accum");
    return s;
}

Value t_gemm(Eval *ev, Call *c)
{
    if (c->arg[9].kind != VAL_NONE) /* mbar */
        eval_fail(ev, E0501, c->at[9], "T.wgmma_gemm and T.wait_wgmma",
                  "a gemm that arrives at a barrier");
    gemm(ev, c)->tile.start = to_bool(ev, c->arg[8], c->at[8], "start");
    return NONE_VALUE;
}

/* a gemm that T.wait_wgmma waits for */
Value t_wgmma_gemm(Eval *ev, Call *c)
{
    gemm(ev, c)->tile.start = true;
    return NONE_VALUE;
}

/* from one region to another along the axis of slot 2; without a destination, in place */
static Stmt *along_axis(Eval *ev, Call *c, TileOp op)
{
    Region arg[2];
    for (int i = 0; i < 2; i++)
        arg[i] = i && c->arg[i].kind == VAL_NONE ? arg[0] : to_region(ev, c->arg[i], c->at[i]);
    Int dim = to_int(ev, c->arg[2], c->at[2], "dim");
    int n = arg[0].buf->ndim;
    if (dim < -n || dim >= n)
        eval_fail(ev, E0213, c->at[2], NULL, "'%s' has %d dimensions, there is no dimension %lld",
                  arg[0].buf->name, n, (long long)dim);
    Stmt *s = emit_tile(ev, c, op, arg, 2);
    s->tile.dim = (int)(dim < 0 ? dim + n : dim);
    return s;
}

/* T.reduce_X(src, dst, dim, clear, batch, nan_propagate) */
static Value reduce(Eval *ev, Call *c, TileOp op, bool clear, int nan)
{
    Stmt *s = along_axis(ev, c, op);
    s->tile.clear = clear;
    s->tile.nan = nan >= 0 && to_bool(ev, c->arg[nan], c->at[nan], "nan_propagate");
    return NONE_VALUE;
}

Value t_reduce(Eval *ev, Call *c)
{
    int nan = c->n > 5 && c->fn->op != TO_reduce_sum ? 5 : -1;
    return reduce(ev, c, (TileOp)c->fn->op, to_bool(ev, c->arg[3], c->at[3], "clear"), nan);
}

/* T.reduce(src, dst, "max", dim, clear) */
Value t_reduce_named(Eval *ev, Call *c)
{
    Call as = *c;
    as.arg[2] = c->arg[3];
    as.at[2] = c->at[3];
    return reduce(ev, &as, join_arg(ev, c, 2), to_bool(ev, c->arg[4], c->at[4], "clear"), 6);
}

/* T.cumsum(src, dst, dim, reverse): running sums; T.cummax: running maxima */
Value t_scan(Eval *ev, Call *c)
{
    Stmt *s = along_axis(ev, c, (TileOp)c->fn->op);
    s->tile.reverse = to_bool(ev, c->arg[3], c->at[3], "reverse");
    return NONE_VALUE;
}
