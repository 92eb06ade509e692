/* T.: reducers: fragments to which every iteration contributes. */
#include "lang/dialect.h"
#include <math.h>
#include <string.h>

/* how contributions are joined, by name; the order of `joins` */
static const char *const join_name[] = {"sum",   "max",    "min",    "bitand",
                                      "bitor", "bitxor", "abssum", "absmax"};
static const struct {
    TileOp op;
    Fn fn;
    Op joins; /* as an element operation; OP_not: none */
} joins[] = {{TO_reduce_sum, FN_atomic_add, OP_add},    {TO_reduce_max, FN_atomic_max, OP_max},
             {TO_reduce_min, FN_atomic_min, OP_min},    {TO_reduce_bitand, FN_atomic_and, OP_not},
             {TO_reduce_bitor, FN_atomic_or, OP_not},   {TO_reduce_bitxor, FN_atomic_xor, OP_not},
             {TO_reduce_abssum, FN_atomic_add, OP_not}, {TO_reduce_absmax, FN_atomic_max, OP_not}};

TileOp join_arg(Eval *ev, Call *c, int slot)
{
    return joins[choice_arg(ev, c, slot, join_name, COUNT(joins), "reduction")].op;
}

static int join_of(TileOp op)
{
    int i = 0;
    while (joins[i].op != op) i++;
    return i;
}

static Reducer *find_reducer(Eval *ev, const Buf *b)
{
    for (int i = 0; ev->dialect && i < ev->dialect->nreducer; i++)
        if (ev->dialect->reducer[i].buf == b) return &ev->dialect->reducer[i];
    return NULL;
}

static bool same_place(const Expr *e, const Buf *b, Expr *const *idx)
{
    if (e->kind != E_LOAD || e->buf != b) return false;
    for (int d = 0; d < b->ndim; d++)
        if (!expr_same(e->idx[d], idx[d])) return false;
    return true;
}

bool in_parallel(const Eval *ev)
{
    for (const Block *k = ev->block; k; k = k->outer)
        if (k->stmt && k->stmt->kind == S_LOOP && k->stmt->loop.how == LOOP_PARALLEL) return true;
    return false;
}

/* r[i] = r[i] + v in a T.Parallel nest: every iteration contributes */
bool reducer_store(Eval *ev, Buf *b, Expr *const *idx, Value v, Span at)
{
    const Reducer *r = find_reducer(ev, b);
    if (!r || !in_parallel(ev) || v.kind != VAL_EXPR || v.expr->kind != E_OP) return false;
    int k = join_of(r->op), own = -1;
    for (int i = 0; i < 2 && joins[k].joins == v.expr->op && v.expr->op != OP_not; i++)
        if (own < 0 && same_place(v.expr->arg[i], b, idx)) own = i;
    if (own < 0) return false;
    Expr *arg[2] = {expr_load(ev->cx, b, idx, at),
                    expr_cast(ev->cx, v.expr->arg[!own], b->type, at)};
    emit_eval(ev, expr_call(ev->cx, joins[k].fn, arg, 2, NULL, DT_none, at), at);
    return true;
}

Value t_alloc_reducer(Eval *ev, Call *c)
{
    Dialect *d = dialect(ev);
    TileOp op = join_arg(ev, c, 2);
    if (d->nreducer == COUNT(d->reducer))
        eval_fail(ev, E0206, c->span, NULL, "more than %d reducers", COUNT(d->reducer));
    Value v = alloc_tile(ev, c, SP_FRAG);
    d->reducer[d->nreducer++] = (Reducer){.buf = v.buf, .op = op};
    return v;
}

/* Either a reducer is a fragment to which `r[i] += v` contributes, or it is begun, contributed to
   and finalized in turn, and nothing else. The first use decides. */
void check_reducer(Eval *ev, const Buf *b, Span at, const char *what)
{
    Reducer *r = find_reducer(ev, b);
    if (r && r->strict)
        eval_fail(ev, E0209, at, "T.reducer_update(r[i], value); T.finalize_reducer(r, tile)",
                  "the reducer '%s' is %s", b->name, what);
    if (r) r->plain = true;
}

static void in_turn(Eval *ev, Reducer *r, Span at)
{
    if (r->plain && !ev->dump)
        eval_fail(ev, E0209, at, "T.reducer_init(r) comes first",
                  "the reducer '%s' is used as a fragment, and in turn", r->buf->name);
    r->strict = !ev->dump;
}

/* at the end of a launch */
void close_reducers(Eval *ev)
{
    for (int i = 0; ev->dialect && i < ev->dialect->nreducer; i++) {
        Reducer *r = &ev->dialect->reducer[i];
        if (r->strict && r->state == R_OPEN)
            eval_fail(ev, E0209, r->buf->span, "T.finalize_reducer(r, tile)",
                      "the reducer '%s' is never finalized", r->buf->name);
        r->strict = false;
    }
}

/* what changes nothing when it is joined */
static Expr *identity(Eval *ev, TileOp op, DType t, Span at)
{
    if (op == TO_reduce_min || op == TO_reduce_max) {
        bool low = op == TO_reduce_max;
        return dtype_is_float(t) ? expr_float(ev->cx, low ? -INFINITY : INFINITY, t, at)
                                 : extreme_value(ev, t, low, at);
    }
    return to_typed(ev, value_int(op == TO_reduce_bitand ? -1 : 0), t, at);
}

static Reducer *reducer_arg(Eval *ev, Call *c, int slot)
{
    Value v = c->arg[slot];
    Reducer *r = v.kind == VAL_BUF ? find_reducer(ev, v.buf) : NULL;
    if (!r)
        eval_fail(ev, E0204, c->at[slot], "reducers are made by T.alloc_reducer",
                  "'T.%s' needs a reducer, not %s", c->fn->name, value_name[v.kind]);
    return r;
}

Value t_reducer_init(Eval *ev, Call *c)
{
    Reducer *r = reducer_arg(ev, c, 0);
    DType t = r->buf->type;
    Value init = c->arg[1];
    in_turn(ev, r, c->span);
    if (r->strict && r->state == R_OPEN)
        eval_fail(ev, E0209, c->span, NULL, "the reducer '%s' is begun twice", r->buf->name);
    r->state = R_OPEN;
    r->begun = ev->block;
    if (is_region(&init)) {
        Region from = to_region(ev, init, c->at[1]);
        if (from.buf->type != t)
            eval_fail(ev, E0302, c->at[1], NULL, "the reducer is of %s, its first value of %s",
                      dtype_info[t].name, dtype_info[from.buf->type].name);
        emit_tile(ev, c, TO_copy, (Region[]){from, region_whole(ev->cx, r->buf, c->at[0])}, 2);
        return NONE_VALUE;
    }
    if (init.kind == VAL_EXPR && init.expr->type != t && r->strict)
        eval_fail(ev, E0302, c->at[1], "convert it with T.cast",
                  "the reducer is of %s, its first value of %s", dtype_info[t].name,
                  dtype_info[init.expr->type].name);
    Expr *e =
        init.kind == VAL_NONE ? identity(ev, r->op, t, c->span) : to_typed(ev, init, t, c->at[1]);
    Region all = region_whole(ev->cx, r->buf, c->at[0]);
    emit_tile(ev, c, TO_fill, &all, 1)->tile.value = e;
    return NONE_VALUE;
}

Value t_reducer_update(Eval *ev, Call *c)
{
    Value v = c->arg[0];
    Reducer *r = v.kind == VAL_REF && !v.ref->slices ? find_reducer(ev, v.ref->buf) : NULL;
    if (!r)
        eval_fail(ev, E0204, c->at[0], "T.reducer_update(r[i], value)",
                  "an element of a reducer is needed here, not %s", value_name[v.kind]);
    if (!in_parallel(ev))
        eval_fail(ev, E0209, c->span, NULL, "T.reducer_update outside of T.Parallel");
    in_turn(ev, r, c->span);
    if (r->strict && r->state != R_OPEN)
        eval_fail(ev, E0209, c->span, "T.reducer_init(r) comes first",
                  "the reducer '%s' is not begun", r->buf->name);
    Expr *by = to_typed(ev, c->arg[1], r->buf->type, c->at[1]);
    if (r->op == TO_reduce_abssum || r->op == TO_reduce_absmax)
        by = expr_op(ev->cx, OP_abs, by, NULL, NULL, c->at[1]);
    Value arg[2] = {v, value_expr(by)};
    return emit_eval(ev, make_call(ev, c, joins[join_of(r->op)].fn, arg, 2, NULL).expr, c->span);
}

/* how many results share a barrier: a hint that has to divide them */
void check_batch(Eval *ev, Call *c, int slot, int64_t results)
{
    Int n = to_int(ev, c->arg[slot], c->at[slot], "batch");
    if (n < 1 || n > results || results % n)
        eval_fail(ev, E0205, c->at[slot], NULL, "batches of %lld for %lld results", (long long)n,
                  (long long)results);
}

/* the contributions are there already; with a destination they are copied */
Value t_finalize_reducer(Eval *ev, Call *c)
{
    Reducer *r = reducer_arg(ev, c, 0);
    const Block *b = ev->block;
    if (c->arg[1].kind != VAL_NONE) in_turn(ev, r, c->span);
    while (b && b != r->begun && !b->stmt)
        b = b->outer; /* branches may lie between, loops may not */
    if (r->strict && (r->state != R_OPEN || b != r->begun))
        eval_fail(ev, E0209, c->span, "finalize it once, where it is begun",
                  r->state != R_OPEN ? "the reducer '%s' is not begun"
                                     : "the reducer '%s' is begun in another block",
                  r->buf->name);
    r->state = R_DONE;
    check_batch(ev, c, 2, buf_elems(r->buf));
    if (c->arg[1].kind == VAL_NONE) return NONE_VALUE;
    Region to = to_region(ev, c->arg[1], c->at[1]);
    emit_tile(ev, c, TO_copy, (Region[]){region_whole(ev->cx, r->buf, c->at[0]), to}, 2);
    return NONE_VALUE;
}
