/* T.: atomics on elements and on tiles; what a reducer and a safe value make of plain loads and
 * stores. */
#include "lang/dialect.h"
#include <string.h>

Dialect *dialect(Eval *ev)
{
    if (!ev->dialect) {
        ev->dialect = NEW(&ev->cx->arena, Dialect);
        ev->dialect->allreduce = -1;
    }
    return ev->dialect;
}

/* ---- elements ---- */

enum { ORDER_LOAD = 1, ORDER_STORE = 2, ORDER_BOTH = 4 };

/* which orders an operation may have */
static void check_order(Eval *ev, Call *c, int slot, int kind)
{
    static const char *const orders[] = {"relaxed", "consume", "acquire",
                                         "release", "acq_rel", "seq_cst"};
    static const int of[COUNT(orders)] = {7, 5, 5, 6, 4, 7};
    if (slot >= c->n || c->arg[slot].kind == VAL_NONE) return;
    const char *s = to_str(ev, c->arg[slot], c->at[slot], "memory_order");
    for (int i = 0; i < COUNT(orders); i++) {
        if (strcmp(s, orders[i])) continue;
        if (of[i] & kind) return;
        eval_fail(ev, E0205, c->at[slot], NULL, "'T.%s' cannot have the memory order '%s'",
                  c->fn->name, s);
    }
    const char *near = nearest(s, orders, COUNT(orders));
    eval_fail(ev, E0205, c->at[slot],
              near ? arena_printf(&ev->cx->arena, "did you mean '%s'?", near) : NULL,
              "there is no memory order '%s'", s);
}

/* the call on one place, with values of its type */
static Expr *on_element(Eval *ev, Call *c, Fn fn, Expr *place, const Value *v, int n, Span at)
{
    Expr *arg[3] = {place};
    for (int i = 0; i < n; i++) arg[i + 1] = to_typed(ev, v[i], place->type, at);
    return build_call(ev, c, fn, arg, n + 1, NULL, DT_none);
}

static TileOp tile_form(Fn fn)
{
    return fn == FN_atomic_add   ? TO_atomic_add
           : fn == FN_atomic_max ? TO_atomic_max
                                 : TO_atomic_min;
}

static bool has_tile_form(Fn fn)
{
    return fn == FN_atomic_add || fn == FN_atomic_max || fn == FN_atomic_min;
}

/* one number for every element of a region */
static Value fill_atomic(Eval *ev, Call *c, Fn fn)
{
    Region dst = to_region(ev, c->arg[0], c->at[0]);
    int64_t ext[MAXPAR] = {1};
    int axis[MAXPAR] = {0}, n = 0;
    Expr *idx[MAXDIM];
    for (int d = 0; d < dst.buf->ndim; d++) {
        idx[d] = dst.off[d];
        if (dst.ext[d] == 1) continue;
        if (n == MAXPAR)
            eval_fail(ev, E0901, c->span, NULL, "an atomic on more than %d axes", (int)MAXPAR);
        axis[n] = d;
        ext[n++] = dst.ext[d];
    }
    Nest nest;
    emit_nest(ev, &nest, MAX(n, 1), ext, c->span);
    for (int k = 0; k < n; k++)
        idx[axis[k]] = build_op(ev, OP_add, idx[axis[k]], nest.index[k], c->span);
    Expr *place = expr_load(ev->cx, dst.buf, idx, c->span);
    emit_eval(ev, on_element(ev, c, fn, place, &c->arg[1], 1, c->at[1]), c->span);
    close_block(ev, nest.block, nest.saved);
    return NONE_VALUE;
}

/* dst op= src for each element of a region */
static Value on_tile(Eval *ev, Call *c, Fn fn)
{
    Region src, dst;
    if (!is_region(&c->arg[1]) && !is_place(&c->arg[1])) {
        return fill_atomic(ev, c, fn);
    }
    Call as = *c; /* copy's rules: value to destination */
    as.arg[0] = c->arg[1];
    as.at[0] = c->at[1];
    as.arg[1] = c->arg[0];
    as.at[1] = c->at[0];
    copy_regions(ev, &as, &src, &dst);
    Stmt *s = emit(ev, S_TILE, c->span);
    s->tile.op = tile_form(fn);
    s->tile.arg[0] = src;
    s->tile.arg[1] = dst;
    return NONE_VALUE;
}

/* T.atomic_add(dst, value, memory_order, return_prev, ...) */
Value t_atomic(Eval *ev, Call *c)
{
    Fn fn = (Fn)c->fn->op;
    bool prev = c->n > 3 && to_bool(ev, c->arg[3], c->at[3], "return_prev");
    check_order(ev, c, 2, ORDER_BOTH);
    if (is_region(&c->arg[0]) || (is_region(&c->arg[1]) && has_tile_form(fn))) {
        if (!has_tile_form(fn))
            eval_fail(ev, E0204, c->at[0], "name the element", "'T.%s' works on one element",
                      c->fn->name);
        if (prev)
            eval_fail(ev, E0204, c->span, "use it on single elements",
                      "return_prev=True of an atomic on a tile");
        return on_tile(ev, c, fn);
    }
    Expr *call = on_element(ev, c, fn, to_place(ev, c->arg[0], c->at[0]), &c->arg[1], 1, c->at[1]);
    return prev || ev->dump ? value_expr(call) : emit_eval(ev, call, c->span);
}

/* compare and exchange */
Value t_atomic_cas(Eval *ev, Call *c)
{
    check_order(ev, c, 3, ORDER_BOTH);
    return value_expr(on_element(ev, c, FN_atomic_cas, to_place(ev, c->arg[0], c->at[0]),
                                 &c->arg[1], 2, c->at[1]));
}

Value t_atomic_load(Eval *ev, Call *c)
{
    check_order(ev, c, 1, ORDER_LOAD);
    return value_expr(
        on_element(ev, c, FN_atomic_load, to_place(ev, c->arg[0], c->at[0]), NULL, 0, c->span));
}

Value t_atomic_store(Eval *ev, Call *c)
{
    check_order(ev, c, 2, ORDER_STORE);
    return emit_eval(ev,
                     on_element(ev, c, FN_atomic_store, to_place(ev, c->arg[0], c->at[0]),
                                &c->arg[1], 1, c->at[1]),
                     c->span);
}

/* two or four elements that lie side by side, each atomically */
Value t_atomic_wide(Eval *ev, Call *c)
{
    int n = c->fn->op;
    bool prev = to_bool(ev, c->arg[2], c->at[2], "return_prev");
    Expr *to = to_place(ev, c->arg[0], c->at[0]), *from = NULL;
    bool lanes = c->arg[1].kind == VAL_VECTOR;
    if (lanes && c->arg[1].seq->n != n)
        eval_fail(ev, E0204, c->at[1], NULL, "'T.%s' adds %d values, not %d", c->fn->name, n,
                  c->arg[1].seq->n);
    if (!lanes) from = to_place(ev, c->arg[1], c->at[1]);
    Value out = value_seq(ev->cx, VAL_VECTOR, n);
    for (int i = 0; i < n; i++) {
        Expr *by = expr_i32(ev->cx, i);
        Value v = lanes ? c->arg[1].seq->at[i] : value_expr(place_after(ev, from, by));
        Expr *call = on_element(ev, c, FN_atomic_add, place_after(ev, to, by), &v, 1, c->at[1]);
        if (prev)
            out.seq->at[i] = emit_let(ev, "prev", value_expr(call), c->span);
        else
            emit_eval(ev, call, c->span);
    }
    return prev ? out : NONE_VALUE;
}

/* ---- reducers ---- */

Reducer *find_reducer(Eval *ev, const Buf *b)
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

/* r[i] = r[i] + v in a T.Parallel nest: every iteration contributes */
bool reducer_store(Eval *ev, Buf *b, Expr *const *idx, Value v, Span at)
{
    const Reducer *r = find_reducer(ev, b);
    bool parallel = false;
    for (const Block *k = ev->block; k; k = k->outer)
        parallel |= k->stmt && k->stmt->kind == S_LOOP && k->stmt->loop.how == LOOP_PARALLEL;
    if (!r || !parallel || v.kind != VAL_EXPR || v.expr->kind != E_OP) return false;
    static const struct {
        Op op;
        TileOp how;
        Fn fn;
    } forms[] = {{OP_add, TO_reduce_sum, FN_atomic_add},
                 {OP_max, TO_reduce_max, FN_atomic_max},
                 {OP_min, TO_reduce_min, FN_atomic_min}};
    for (int i = 0; i < COUNT(forms); i++) {
        if (v.expr->op != forms[i].op || r->op != forms[i].how) continue;
        int own = same_place(v.expr->arg[0], b, idx)   ? 0
                  : same_place(v.expr->arg[1], b, idx) ? 1
                                                       : -1;
        if (own < 0) continue;
        Expr *arg[2] = {expr_load(ev->cx, b, idx, at),
                        expr_cast(ev->cx, v.expr->arg[!own], b->type, at)};
        emit_eval(ev, expr_call(ev->cx, forms[i].fn, arg, 2, NULL, DT_none, at), at);
        return true;
    }
    return false;
}

Expr *safe_value(Eval *ev, const Buf *b)
{
    for (int i = 0; ev->dialect && i < ev->dialect->nsafe; i++)
        if (ev->dialect->safe[i].buf == b) return ev->dialect->safe[i].value;
    return NULL;
}
