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

static void try_map(Eval *ev, Value fn, const Seq *shape, bool replicate, Span at)
{
    Value arg[MAXDIM + 1];
    int n = 0;
    if (fn.kind != VAL_FUNC) return;
    for (int i = 0; i < shape->n && n < MAXDIM; i++) {
        Var *v = var_new(ev->cx, arena_printf(&ev->cx->arena, "i%d", i), DT_int32, V_LET, at);
        arg[n++] = value_expr(expr_var(ev->cx, v, at));
    }
    int params = 0;
    bool rest = false;
    for (const Node *p = fn.func->node->items; p; p = p->next) {
        params += p->op == PARAM_PLAIN;
        rest |= p->op == PARAM_STAR;
    }
    if ((replicate || params > n) && params == n + 1) {
        Var *v = var_new(ev->cx, "rep", DT_int32, V_LET, at);
        arg[n++] = value_expr(expr_var(ev->cx, v, at));
    }
    if (params == n || rest) call_simple(ev, fn, arg, n, at);
}

/* T.Layout(shape, forward_fn), T.Fragment(shape, forward_fn=...): the map is tried on symbols */
Value t_layout(Eval *ev, Call *c)
{
    const Seq shape = one_or_more(&c->arg[0]);
    for (int i = 1; i < c->n; i++)
        if (c->arg[i].kind == VAL_FUNC) try_map(ev, c->arg[i], &shape, c->n > 2, c->at[i]);
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
    Value pair = value_seq(ev->cx, VAL_TUPLE, 2);
    for (int i = 0; i < 2; i++) pair.seq->at[i] = c->arg[i];
    return pair;
}

/* T.annotate_layout({buffer: layout}) */
Value t_annotate_layout(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_DICT)
        eval_fail(ev, E0204, c->at[0], "T.annotate_layout({buffer: layout})",
                  "layouts stand in a dict, not in %s", value_name[c->arg[0].kind]);
    const Dict *d = c->arg[0].dict;
    for (int i = 0; i < d->n; i++) {
        if (d->key[i].kind != VAL_BUF)
            eval_fail(ev, E0204, c->at[0], NULL, "a layout is of a buffer, not of %s",
                      value_name[d->key[i].kind]);
        if (d->val[i].kind == VAL_FUNC) {
            Value shape = value_seq(ev->cx, VAL_TUPLE, d->key[i].buf->ndim);
            try_map(ev, d->val[i], shape.seq, false, c->at[0]);
        }
    }
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
    if (c->arg[0].kind != VAL_DICT)
        eval_fail(ev, E0204, c->at[0], "T.annotate_safe_value({tensor: value})",
                  "safe values stand in a dict, not in %s", value_name[c->arg[0].kind]);
    for (int i = 0; i < c->arg[0].dict->n; i++) {
        Value key = c->arg[0].dict->key[i];
        if (key.kind != VAL_BUF)
            eval_fail(ev, E0204, c->at[0], NULL, "a safe value is of a tensor, not of %s",
                      value_name[key.kind]);
        if (d->nsafe == COUNT(d->safe))
            eval_fail(ev, E0206, c->span, NULL, "more than %d safe values", COUNT(d->safe));
        if (key.buf->space != SP_GLOBAL && key.buf->space != SP_TEMP) {
            ignore_hint(ev, c); /* other memory is never read outside of its bounds */
            continue;
        }
        d->safe[d->nsafe++] =
            (SafeValue){key.buf, to_typed(ev, c->arg[0].dict->val[i], key.buf->type, c->at[0])};
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
