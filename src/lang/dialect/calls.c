/* T.: what threads tell each other, and what is in flight: a row of tile/calls.def says what a call
   takes. Barriers, copies and gemms that run on. */
#include "lang/dialect.h"
#include <string.h>

Expr *to_barrier(Eval *ev, Call *c, Value v, Span at)
{
    const Buf *b = v.kind == VAL_BUF ? v.buf : v.kind == VAL_REF ? v.ref->buf : NULL;
    if (v.kind == VAL_EXPR && v.expr->kind == E_LOAD) b = v.expr->buf;
    if (!b || b->space != SP_BARRIER)
        eval_fail(ev, E0204, at, "barriers are made by T.alloc_barrier",
                  "'T.%s' needs a barrier, not %s", c->fn->name, value_name[v.kind]);
    if (v.kind == VAL_BUF && buf_elems(b) != 1)
        eval_fail(ev, E0213, at, arena_printf(&ev->cx->arena, "write %s[i]", b->name),
                  "'%s' is %lld barriers; which one is meant?", b->name, (long long)buf_elems(b));
    return to_place(ev, v, at);
}

/* by its letter in calls.def; a number next to a place has its type */
static Expr *call_arg(Eval *ev, Call *c, char letter, DType type, Value v, Span at)
{
    if (letter == 'b') return to_barrier(ev, c, v, at);
    if (strchr("rwu", letter)) return to_place(ev, v, at);
    if (letter == 'v' && type != DT_none) return to_typed(ev, v, type, at);
    if (letter != 'i') return to_expr(ev, v, at);
    return to_whole(ev, v, at, arena_printf(&ev->cx->arena, "this argument of 'T.%s'", c->fn->name),
                    NULL);
}

static Value make(Eval *ev, Call *c, Fn fn, const Value *arg, const Span *at, int n, const char *text)
{
    Expr **e = NEWN(&ev->cx->arena, Expr *, n + 1);
    DType type = DT_none;
    if (n && arg[0].kind == VAL_VECTOR) { /* lane by lane */
        Value out = value_seq(ev->cx, VAL_VECTOR, arg[0].seq->n), lane[MAXSLOT];
        for (int k = 0; k < out.seq->n; k++) {
            for (int i = 0; i < n; i++) lane[i] = i ? arg[i] : arg[0].seq->at[k];
            out.seq->at[k] = make(ev, c, fn, lane, at, n, text);
        }
        return out;
    }
    need_launch(ev, c);
    for (int i = 0; i < n; i++) {
        char letter = fn_arg(fn, i);
        e[i] = call_arg(ev, c, letter ? letter : 'v', type, arg[i], at ? at[i] : c->span);
        if (letter && strchr("wu", letter)) type = e[i]->type;
    }
    Expr *call = expr_call(ev->cx, fn, e, n, text, DT_none, c->span);
    return call->type == DT_none ? emit_eval(ev, call, c->span) : value_expr(call);
}

Value make_call(Eval *ev, Call *c, Fn fn, const Value *arg, int n, const char *text)
{
    return make(ev, c, fn, arg, NULL, n, text);
}

/* as many of the parameters as calls.def has letters; the last ones may be None */
Value t_call(Eval *ev, Call *c)
{
    Fn fn = (Fn)c->fn->op;
    int n = 0;
    while (n < c->n && fn_arg(fn, n)) n++;
    while (n && c->arg[n - 1].kind == VAL_NONE) n--;
    return make(ev, c, fn, c->arg, c->at, n, NULL);
}

/* an arrival at a barrier */
Value t_arrive(Eval *ev, Call *c)
{
    if (c->arg[1].kind != VAL_NONE)
        eval_fail(ev, E0501, c->at[1], NULL, "a barrier of another block of a cluster");
    return t_call(ev, c);
}

/* ---- barriers, fences ---- */

Value t_alloc_barrier(Eval *ev, Call *c)
{
    Seq all = one_or_more(&c->arg[0]);
    if (!all.n) eval_fail(ev, E0203, c->at[0], NULL, "no barrier at all");
    Expr *dim = expr_i32(ev->cx, all.n);
    Value b = emit_alloc(ev, SP_BARRIER, DT_uint64, 1, &dim, c->span);
    b.buf->arrive = NEWN(&ev->cx->arena, int64_t, all.n);
    for (int i = 0; i < all.n; i++)
        b.buf->arrive[i] = int_between(ev, all.at[i], c->at[0], 1, 1 << 20, "arrive_count");
    return b;
}

Value t_fence(Eval *ev, Call *c)
{
    const char *what = c->n ? to_str(ev, c->arg[0], c->at[0], "what") : "async";
    return make_call(ev, c, FN_fence, NULL, 0, what);
}

/* ---- gemms and copies in flight ---- */

Value t_wait_gemm(Eval *ev, Call *c)
{
    need_launch(ev, c);
    emit(ev, S_AWAIT, c->span)->pending =
        int_arg(ev, c, 0, 0, 64, "the number of gemms that may stay pending");
    return NONE_VALUE;
}

/* so many bytes, where a condition holds if there is one */
Value t_cp_async(Eval *ev, Call *c)
{
    bool when = c->arg[3].kind != VAL_NONE;
    return make(ev, c, when ? FN_cp_async_if : FN_cp_async, c->arg, c->at, 3 + when, NULL);
}
