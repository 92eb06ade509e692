/* T.: barriers, what waits for copies and gemms in flight. */
#include "lang/dialect.h"
#include <string.h>

/* ---- barriers in shared memory ---- */

Value t_alloc_barrier(Eval *ev, Call *c)
{
    Value one = value_seq(ev->cx, VAL_TUPLE, 1), v = c->arg[0];
    one.seq->at[0] = v;
    const Seq *all = v.kind == VAL_LIST || v.kind == VAL_TUPLE ? v.seq : one.seq;
    if (!all->n) eval_fail(ev, E0203, c->at[0], NULL, "no barrier at all");
    Expr *dim = expr_i32(ev->cx, all->n);
    Value b = emit_alloc(ev, SP_BARRIER, DT_uint64, 1, &dim, c->span);
    b.buf->arrive = NEWN(&ev->cx->arena, int64_t, all->n);
    for (int i = 0; i < all->n; i++) {
        Int n = to_int(ev, all->at[i], c->at[0], "arrive_count");
        if (n < 1 || n > 1 << 20)
            eval_fail(ev, E0205, c->at[0], NULL, "a barrier waits for 1 arrival or more, not %lld",
                      (long long)n);
        b.buf->arrive[i] = (int64_t)n;
    }
    return b;
}

/* one barrier: an element of what T.alloc_barrier gave, or that itself when it is only one */
static Expr *barrier_arg(Eval *ev, Call *c, int slot)
{
    Value v = c->arg[slot];
    const Buf *b = v.kind == VAL_BUF ? v.buf : v.kind == VAL_REF ? v.ref->buf : NULL;
    if (v.kind == VAL_EXPR && v.expr->kind == E_LOAD) b = v.expr->buf;
    if (!b || b->space != SP_BARRIER)
        eval_fail(ev, E0204, c->at[slot], "barriers are made by T.alloc_barrier",
                  "'T.%s' needs a barrier, not %s", c->fn->name, value_name[v.kind]);
    if (v.kind == VAL_BUF && buf_elems(b) != 1)
        eval_fail(ev, E0213, c->at[slot], arena_printf(&ev->cx->arena, "write %s[i]", b->name),
                  "'%s' is %lld barriers; which one is meant?", b->name, (long long)buf_elems(b));
    return to_place(ev, v, c->at[slot]);
}

static Expr *number(Eval *ev, Call *c, int slot)
{
    Expr *e = to_expr(ev, c->arg[slot], c->at[slot]);
    if (e->type == DT_bool) e = expr_cast(ev->cx, e, DT_int32, c->at[slot]);
    if (!dtype_is_int(e->type))
        eval_fail(ev, E0204, c->at[slot], NULL, "'T.%s' needs an integer here, not a %s",
                  c->fn->name, dtype_info[e->type].name);
    return e;
}

static Value effect(Eval *ev, Call *c, Fn fn, Expr *const *arg, int n)
{
    return emit_eval(ev, build_call(ev, c, fn, arg, n, NULL, DT_none), c->span);
}

/* a barrier alone */
Value t_barrier(Eval *ev, Call *c)
{
    Expr *b = barrier_arg(ev, c, 0);
    if (c->n > 1 && c->arg[1].kind != VAL_NONE)
        eval_fail(ev, E0501, c->at[1], NULL, "a barrier of another block of a cluster");
    return effect(ev, c, (Fn)c->fn->op, &b, 1);
}

/* a barrier and a number: parity, bytes */
Value t_barrier_number(Eval *ev, Call *c)
{
    Expr *arg[2] = {barrier_arg(ev, c, 0), number(ev, c, 1)};
    return effect(ev, c, (Fn)c->fn->op, arg, 2);
}

/* ---- barriers of the hardware ---- */

Value t_sync_threads(Eval *ev, Call *c)
{
    Expr *arg[2];
    int n = 0;
    for (int i = 0; i < 2 && i < c->n; i++)
        if (c->arg[i].kind != VAL_NONE) {
            if (i == 1 && n == 0)
                eval_fail(ev, E0203, c->at[1], "give barrier_id, too",
                          "arrive_count without the number of a barrier");
            arg[n++] = number(ev, c, i);
        }
    return effect(ev, c, FN_sync_threads, arg, n);
}

Value t_sync_warp(Eval *ev, Call *c)
{
    Expr *arg[1];
    bool mask = c->arg[0].kind != VAL_NONE;
    if (mask) arg[0] = number(ev, c, 0);
    return effect(ev, c, FN_sync_warp, arg, mask);
}

Value t_sync_grid(Eval *ev, Call *c)
{
    return effect(ev, c, FN_sync_grid, NULL, 0);
}

Value t_named_arrive(Eval *ev, Call *c)
{
    Expr *arg[2] = {number(ev, c, 0), number(ev, c, 1)};
    return effect(ev, c, FN_named_arrive, arg, 2);
}

Value t_fence(Eval *ev, Call *c)
{
    const char *what = c->n && c->arg[0].kind == VAL_STR ? c->arg[0].s
                       : strstr(c->fn->name, "proxy")    ? "async"
                                                         : "registers";
    return emit_eval(ev, build_call(ev, c, FN_fence, NULL, 0, what, DT_none), c->span);
}

/* ---- gemms and copies in flight ---- */

Value t_wait_gemm(Eval *ev, Call *c)
{
    if (!ev->launch) eval_fail(ev, E0209, c->span, NULL, "'T.%s' outside of T.Kernel", c->fn->name);
    Int n = to_int(ev, c->arg[0], c->at[0], "the number of pending gemms");
    if (n < 0 || n > 64)
        eval_fail(ev, E0205, c->at[0], NULL, "0 to 64 gemms may stay pending, not %lld",
                  (long long)n);
    emit(ev, S_AWAIT, c->span)->pending = (int)n;
    return NONE_VALUE;
}

/* the two places of a copy of so many elements, as bytes */
static Value cp_async(Eval *ev, Call *c, bool bytes)
{
    Expr *arg[4] = {to_place(ev, c->arg[0], c->at[0]), to_place(ev, c->arg[1], c->at[1])};
    bool when = c->arg[3].kind != VAL_NONE;
    arg[2] = number(ev, c, 2);
    if (!bytes && dtype_info[arg[0]->type].bits < 8) { /* less than what the instruction moves */
        Int n = to_int(ev, c->arg[2], c->at[2], "the number of elements");
        for (int i = 0; i < n && i < 32; i++) {
            Expr *by = expr_i32(ev->cx, i), *to = place_after(ev, arg[0], by);
            emit_store(ev, to->buf, to->idx, place_after(ev, arg[1], by), c->span);
        }
        return NONE_VALUE;
    }
    if (!bytes) {
        Int n = to_int(ev, c->arg[2], c->at[2], "the number of elements"),
            size = n * dtype_info[arg[0]->type].bits;
        if (size % 8 || n < 1 || size / 8 > 16)
            eval_fail(ev, E0205, c->at[2], "4, 8 or 16 bytes at once",
                      "an asynchronous copy of %lld elements of %d bits", (long long)n,
                      dtype_info[arg[0]->type].bits);
        arg[2] = expr_i32(ev->cx, (int64_t)(size / 8));
    }
    if (when) arg[3] = expr_cast(ev->cx, to_expr(ev, c->arg[3], c->at[3]), DT_bool, c->at[3]);
    return effect(ev, c, when ? FN_cp_async_if : FN_cp_async, arg, 3 + when);
}

Value t_ptx_cp_async(Eval *ev, Call *c)
{
    return cp_async(ev, c, false);
}

Value t_cp_async(Eval *ev, Call *c)
{
    return cp_async(ev, c, true);
}

Value t_cp_commit(Eval *ev, Call *c)
{
    return effect(ev, c, FN_cp_async_commit, NULL, 0);
}

Value t_cp_wait(Eval *ev, Call *c)
{
    Expr *n = number(ev, c, 0);
    return effect(ev, c, FN_cp_async_wait, &n, 1);
}

/* ---- for people ---- */

Value t_device_assert(Eval *ev, Call *c)
{
    int first = c->arg[0].kind == VAL_STR; /* as a dump writes it */
    Expr *cond = to_expr(ev, c->arg[first], c->at[first]);
    Value msg = c->arg[!first];
    const char *say = msg.kind == VAL_NONE ? "" : to_str(ev, msg, c->at[!first], "the message");
    return emit_eval(ev, build_call(ev, c, FN_device_assert, &cond, 1, say, DT_none), c->span);
}

/* T.print(value, msg=""): a number, or all elements of a buffer */
Value t_print(Eval *ev, Call *c)
{
    Expr *arg[1];
    Value v = c->arg[0];
    if (ev->dump || (v.kind == VAL_STR && c->rest.n)) { /* text first, then values */
        Expr **all = NEWN(&ev->cx->arena, Expr *, c->rest.n + 1);
        for (int i = 0; i < c->rest.n; i++) all[i] = to_expr(ev, c->rest.at[i], c->span);
        return emit_eval(ev,
                         build_call(ev, c, FN_print, all, c->rest.n,
                                    to_str(ev, v, c->at[0], "the text"), DT_none),
                         c->span);
    }
    Value msg = c->others.n ? c->others.val[0]
                : c->rest.n ? c->rest.at[0]
                            : value_str(ev->cx, "", 0);
    if (v.kind == VAL_STR)
        return emit_eval(ev, build_call(ev, c, FN_print, NULL, 0, v.s, DT_none), c->span);
    const char *text = to_str(ev, msg, c->span, "msg");
    if (v.kind == VAL_NONE && *text)
        return emit_eval(ev, build_call(ev, c, FN_print, NULL, 0, text, DT_none), c->span);
    if (!is_region(&v)) {
        arg[0] = to_expr(ev, v, c->at[0]);
        return emit_eval(ev, build_call(ev, c, FN_print, arg, 1, text, DT_none), c->span);
    }
    Region r = to_region(ev, v, c->at[0]);
    Expr *idx[MAXDIM];
    Block *b[MAXDIM];
    Tail saved[MAXDIM];
    for (int d = 0; d < r.buf->ndim; d++) {
        emit_loop(ev, LOOP_SERIAL, expr_i32(ev->cx, r.ext[d]), "i", &idx[d], &b[d], &saved[d],
                  c->span);
        idx[d] = build_op(ev, OP_add, r.off[d], idx[d], c->span);
    }
    arg[0] = expr_load(ev->cx, r.buf, idx, c->span);
    emit_eval(ev, build_call(ev, c, FN_print, arg, 1, text, DT_none), c->span);
    for (int d = r.buf->ndim - 1; d >= 0; d--) close_block(ev, b[d], saved[d]);
    return NONE_VALUE;
}
