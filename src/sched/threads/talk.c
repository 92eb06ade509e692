/* What threads say to each other: each value goes to a fragment with an element for each thread,
   from where the others read it, or which a tile operation reduces. */
#include "sched/threads/threads.h"

typedef struct {
    Threads *t;
    Some who;
    Out *out;
    Span at;
} Talk;

static Expr *bin(Threads *t, Op op, Expr *a, Expr *b)
{
    return expr_op(t->cx, op, a, b, NULL, a->span);
}

/* every thread's value, where all can read it */
static Buf *told(Talk *k, Expr *v, int n, const int64_t *ext, Expr *const *idx)
{
    Threads *t = k->t;
    Buf *b = threads_fragment(t, "said", v->type, n, ext, k->at);
    threads_each(t, k->out, threads_store(t, b, idx, v, k->at), k->who);
    threads_flush(t, k->out);
    return b;
}

static Expr *shuffled(Talk *k, const Expr *e, Expr *v)
{
    Threads *t = k->t;
    Expr *r = threads_rank(t), *by = threads_expr(t, e->args[1]), *w = threads_expr(t, e->args[2]);
    int64_t all = t->launch->threads;
    Buf *b = told(k, v, 1, &all, &r);
    Expr *lane = bin(t, OP_floormod, r, w), *base = bin(t, OP_sub, r, lane), *to;
    by = expr_cast(t->cx, by, DT_int32, k->at);
    if (e->fn == FN_shfl)
        to = bin(t, OP_floormod, by, w);
    else
        to = bin(t,
                 e->fn == FN_shfl_xor  ? OP_bxor
                 : e->fn == FN_shfl_up ? OP_sub
                                       : OP_add,
                 lane, by);
    if (e->fn == FN_shfl) {
        to = expr_add(t->cx, base, to);
        return expr_load(t->cx, b, &to, k->at);
    }
    Expr *in = bin(t, OP_and, bin(t, OP_ge, to, expr_i32(t->cx, 0)), bin(t, OP_lt, to, w));
    Expr *from = expr_op(t->cx, OP_select, in, expr_add(t->cx, base, to), r, k->at);
    return expr_load(t->cx, b, &from, k->at);
}

static Buf *reduced(Talk *k, TileOp op, Buf *b, int dim, const Some *rows)
{
    Threads *t = k->t;
    int64_t ext[MAXDIM];
    int n = 0;
    for (int d = 0; d < b->ndim; d++)
        if (d != dim) expr_const(b->dim[d], &ext[n++]);
    if (!n) ext[n++] = 1;
    Buf *to = threads_fragment(t, "all", b->type, n, ext, k->at);
    Region src = region_whole(t->cx, b, k->at), dst = region_whole(t->cx, to, k->at);
    if (rows) {
        src.off[0] = dst.off[0] = expr_i32(t->cx, rows->lo);
        src.ext[0] = dst.ext[0] = rows->hi - rows->lo;
    }
    Stmt *s = stmt_tile_op(t->cx, op, &src, &dst, k->at);
    s->tile.dim = dim;
    s->tile.clear = true;
    stmt_add(&k->out->tail, s);
    return to;
}

/* the warps of these threads, each as a row */
static Expr *over_warp(Talk *k, TileOp op, Expr *v)
{
    Threads *t = k->t;
    int64_t ext[2] = {t->launch->threads / 32, 32};
    Some rows = {k->who.lo / 32, k->who.hi / 32};
    if (t->launch->threads % 32 || k->who.lo % 32 || k->who.hi % 32) {
        threads_stuck(t, k->at, "a warp is not full");
        return v;
    }
    Expr *r = threads_rank(t), *w = expr_i32(t->cx, 32),
         *idx[2] = {bin(t, OP_floordiv, r, w), bin(t, OP_floormod, r, w)};
    Buf *b = reduced(k, op, told(k, v, 2, ext, idx), 1, &rows);
    return expr_load(t->cx, b, idx, k->at);
}

static Expr *over_axes(Talk *k, const Expr *e, TileOp op, Expr *v)
{
    Threads *t = k->t;
    int64_t ext[MAXDIM], mask = 0;
    Expr *idx[MAXDIM], *left[MAXDIM];
    int n = threads_lead(t, idx, ext), m = 0, dim = 0;
    if (!expr_const(e->args[1], &mask) || k->who.lo != 0 || k->who.hi != t->launch->threads)
        threads_stuck(t, k->at, "not all threads are there");
    Buf *b = told(k, v, n, ext, idx);
    for (int axis = MAXGRID - 1, d = 0; axis >= 0; axis--) {
        if (!(threads_extent(t, axis) > 1 || (axis == 0 && !d && n == 1))) continue;
        if (mask >> axis & 1)
            b = reduced(k, op, b, dim, NULL);
        else {
            left[m++] = idx[d];
            dim++;
        }
        d++;
    }
    if (!m) left[0] = expr_i32(t->cx, 0);
    return expr_load(t->cx, b, left, k->at);
}

static Expr *talk_fn(Cx *cx, Expr *e, void *user)
{
    Talk *k = user;
    Threads *t = k->t;
    if (!threads_joint_call(NULL, e) || t->why) return NULL;
    Expr *v = e->nargs ? threads_expr(t, expr_map(cx, e->args[0], talk_fn, k)) : NULL;
    switch (e->fn) {
    case FN_shfl:
    case FN_shfl_xor:
    case FN_shfl_up:
    case FN_shfl_down: return shuffled(k, e, v);
    case FN_warp_reduce_sum: return over_warp(k, TO_reduce_sum, v);
    case FN_warp_reduce_max: return over_warp(k, TO_reduce_max, v);
    case FN_warp_reduce_min: return over_warp(k, TO_reduce_min, v);
    case FN_warp_reduce_and: return over_warp(k, TO_reduce_bitand, v);
    case FN_warp_reduce_or: return over_warp(k, TO_reduce_bitor, v);
    case FN_any_sync:
    case FN_all_sync:
        v = over_warp(k, e->fn == FN_any_sync ? TO_reduce_max : TO_reduce_min,
                      expr_cast(cx, v, DT_int32, k->at));
        return bin(t, OP_ne, v, expr_i32(cx, 0));
    case FN_ballot_sync: { /* a bit for each thread */
        Expr *one = expr_int(cx, 1, DT_uint32, k->at), *lane = threads_rank(t);
        lane = expr_cast(cx, bin(t, OP_floormod, lane, expr_i32(cx, 32)), DT_uint32, k->at);
        v = expr_op(cx, OP_select, v, bin(t, OP_shl, one, lane), expr_int(cx, 0, DT_uint32, k->at),
                    k->at);
        return over_warp(k, TO_reduce_bitor, v);
    }
    case FN_allreduce_sum: return over_axes(k, e, TO_reduce_sum, v);
    case FN_allreduce_max: return over_axes(k, e, TO_reduce_max, v);
    case FN_allreduce_min: return over_axes(k, e, TO_reduce_min, v);
    default:
        threads_stuck(t, e->span,
                      arena_printf(&cx->arena, "T.%s is said by threads", fn_info[e->fn].name));
        return e;
    }
}

/* a let, store or update that talks: first what is said, then what becomes of it */
Stmt *threads_talk(Threads *t, Stmt *s, Some who, Out *out)
{
    Talk k = {t, who, out, s->span};
    Stmt *n = NEW(&t->cx->arena, Stmt);
    *n = *s;
    n->next = NULL;
    if (s->kind == S_LET) {
        n->let.value = expr_map(t->cx, s->let.value, talk_fn, &k);
    } else if (s->kind == S_STORE) {
        n->store.value = expr_map(t->cx, s->store.value, talk_fn, &k);
        for (int d = 0; d < s->store.buf->ndim; d++)
            if (expr_any(s->store.idx[d], threads_joint_call, NULL))
                threads_stuck(t, s->span, "threads talk in an index");
    } else {
        n->eval = expr_map(t->cx, s->eval, talk_fn, &k);
    }
    return n;
}
