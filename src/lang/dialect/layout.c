/* T.: hints. They are read as any code, so that what is wrong in them is told, and then left out.
 */
#include "lang/dialect.h"
#include <string.h>

void leave_out(Eval *ev, const char *name, const char *help, Span at)
{
    Dialect *d = dialect(ev);
    name = intern(ev->cx, name);
    for (int i = 0; i < d->nhint; i++)
        if (d->hint[i] == name) return;
    if (d->nhint < COUNT(d->hint)) d->hint[d->nhint++] = name;
    report(ev->cx, E0220, at, NULL, "'%s' is a hint and left out: %s", name, help);
}

static void ignore_hint(Eval *ev, Call *c)
{
    leave_out(ev, arena_printf(&ev->cx->arena, "%s.%s", c->fn->scope, c->fn->name), c->fn->help,
              c->span);
}

Value t_hint(Eval *ev, Call *c)
{
    ignore_hint(ev, c);
    return NONE_VALUE;
}

/* a name that stands for nothing by itself; the type of a macro's parameter: read, and not checked */
Value t_opaque(Eval *ev, Call *c)
{
    return value_foreign(ev->cx, "%s.%s", c->fn->scope, c->fn->name);
}

/* ---- layouts ---- */

static Value symbol(Eval *ev, const char *name, Span at)
{
    return value_expr(expr_var(ev->cx, var_new(ev->cx, name, DT_int32, V_LET, at), at));
}

static void try_map(Eval *ev, Value fn, int axes, bool replicate, Span at)
{
    Value arg[MAXDIM + 1];
    int n = 0, params = 0;
    bool rest = false;
    if (fn.kind != VAL_FUNC) return;
    for (; n < axes && n < MAXDIM; n++)
        arg[n] = symbol(ev, arena_printf(&ev->cx->arena, "i%d", n), at);
    for (const Node *p = fn.func->node->items; p; p = p->next) {
        params += p->op == PARAM_PLAIN;
        rest |= p->op == PARAM_STAR;
    }
    if ((replicate || params > n) && params == n + 1) arg[n++] = symbol(ev, "rep", at);
    if (params == n || rest) call_simple(ev, fn, arg, n, at);
}

/* T.Layout(shape, forward_fn), T.Fragment(shape, forward_fn=...): the map is tried on symbols */
Value t_layout(Eval *ev, Call *c)
{
    for (int i = 1; i < c->n; i++)
        try_map(ev, c->arg[i], one_or_more(&c->arg[0]).n, c->n > 2, c->at[i]);
    return prelude_call(ev, "layout", NULL, 0, c->span);
}

/* a layout of the library: any arguments */
Value t_some_layout(Eval *ev, Call *c)
{
    return prelude_call(ev, "layout", NULL, 0, c->span);
}

/* where an element lies in a swizzled row: for a layout, which is only read */
Value t_swizzle(Eval *ev, Call *c)
{
    Value pair = value_seq(ev->cx, VAL_TUPLE, 0);
    seq_add_all(ev->cx, pair.seq, &(Seq){2, 2, c->arg});
    return pair;
}

/* what is said about some buffers: {buffer: ...} */
static const Dict *by_buffer(Eval *ev, Call *c)
{
    Value v = c->arg[0];
    const char *help = arena_printf(&ev->cx->arena, "T.%s({buffer: ...})", c->fn->name);
    if (v.kind != VAL_DICT)
        eval_fail(ev, E0204, c->at[0], help, "'T.%s' takes a dict, not %s", c->fn->name,
                  value_name[v.kind]);
    for (int i = 0; i < v.dict->n; i++)
        if (v.dict->key[i].kind != VAL_BUF)
            eval_fail(ev, E0204, c->at[0], help, "'T.%s' speaks of buffers, not of %s",
                      c->fn->name, value_name[v.dict->key[i].kind]);
    return v.dict;
}

Value t_annotate_layout(Eval *ev, Call *c)
{
    const Dict *d = by_buffer(ev, c);
    for (int i = 0; i < d->n; i++)
        try_map(ev, d->val[i], d->key[i].buf->ndim, false, c->at[0]);
    ignore_hint(ev, c);
    return NONE_VALUE;
}

/* ---- what elements outside of a tensor read ---- */

Expr *safe_value(Eval *ev, const Buf *b)
{
    for (int i = 0; ev->dialect && i < ev->dialect->nsafe; i++)
        if (ev->dialect->safe[i].buf == b) return ev->dialect->safe[i].value;
    return NULL;
}

Value t_annotate_safe_value(Eval *ev, Call *c)
{
    Dialect *d = dialect(ev);
    const Dict *all = by_buffer(ev, c);
    for (int i = 0; i < all->n; i++) {
        Buf *b = all->key[i].buf;
        if (d->nsafe == COUNT(d->safe))
            eval_fail(ev, E0206, c->span, NULL, "more than %d safe values", COUNT(d->safe));
        if (b->space == SP_GLOBAL || b->space == SP_TEMP)
            d->safe[d->nsafe++] = (SafeValue){b, to_typed(ev, all->val[i], b->type, c->at[0])};
        else
            ignore_hint(ev, c); /* other memory is never read outside of its bounds */
    }
    return NONE_VALUE;
}

/* T.assume(condition): kept for nobody yet, but it must be a condition */
Value t_assume(Eval *ev, Call *c)
{
    Value v = simplify(c->arg[0]);
    if (v.kind == VAL_BOOL && !v.i)
        eval_fail(ev, E0205, c->at[0], NULL, "the condition that is assumed does not hold");
    to_expr(ev, c->arg[0], c->at[0]);
    ignore_hint(ev, c);
    return NONE_VALUE;
}

Value t_unsupported(Eval *ev, Call *c)
{
    eval_fail(ev, E0501, c->callee, NULL, "'%s.%s' is not for any target of ours: %s", c->fn->scope,
              c->fn->name, c->fn->help);
}
