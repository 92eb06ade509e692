/* T.: foreign source. Its text is kept; the decoders of packed numbers that are known by name are
   written out by what they mean. */
#include "lang/dialect.h"
#include <string.h>

void import_source(Eval *ev, Value v, Span at)
{
    Dialect *d = dialect(ev);
    if (v.kind == VAL_NONE) return;
    if (d->nsource == COUNT(d->source))
        eval_fail(ev, E0206, at, NULL, "more than %d foreign sources", COUNT(d->source));
    d->source[d->nsource++] = v.kind == VAL_FOREIGN ? NULL : to_str(ev, v, at, "the source");
}

Value t_import_source(Eval *ev, Call *c)
{
    import_source(ev, c->arg[0], c->at[0]);
    return NONE_VALUE;
}

/* does imported source define a function of this name; source of another package may */
static bool is_defined(Eval *ev, const char *name)
{
    size_t n = strlen(name);
    for (int i = 0; ev->dialect && i < ev->dialect->nsource; i++) {
        if (!ev->dialect->source[i]) return true;
        for (const char *s = ev->dialect->source[i]; (s = strstr(s, name)); s += n)
            if (s[n] == '(' && s != ev->dialect->source[i] && (s[-1] == ' ' || s[-1] == '\n'))
                return true;
    }
    return false;
}

/* is it a decoder whose meaning is known by name: it is written out */
static bool known_function(Eval *ev, Call *c, const char *name, const Value *arg, int n)
{
    Value all[4] = {value_str(ev->cx, name, strlen(name))};
    if (n < 2 || n > 3 || arg[0].kind != VAL_POINTER || !is_defined(ev, name)) return false;
    for (int i = 0; i < n; i++) all[i + 1] = arg[i];
    return to_bool(ev, prelude_call(ev, "decode", all, n + 1, c->span), c->span, "known");
}

/* T.call_extern(type, name, ...), T.call_extern(name, ..., dtype=type) */
Value t_call_extern(Eval *ev, Call *c)
{
    bool named = c->arg[1].kind != VAL_NONE;
    int first = named ? 1 : 2;
    if (c->rest.n < first)
        eval_fail(ev, E0203, c->span, NULL,
                  "T.call_extern needs the type of the result and a name");
    Value type = named ? c->arg[1] : c->rest.at[0];
    const char *name = to_str(ev, c->rest.at[first - 1], c->span, "the name of the function");
    DType t =
        type.kind == VAL_STR && !strcmp(type.s, "void") ? DT_none : to_dtype(ev, type, c->span);
    const Value *arg = c->rest.at + first;
    int n = c->rest.n - first;
    if (known_function(ev, c, name, arg, n)) return NONE_VALUE;
    Expr **e = NEWN(&ev->cx->arena, Expr *, n + 1);
    for (int i = 0; i < n; i++) {
        if (arg[i].kind == VAL_POINTER || is_region(&arg[i]))
            eval_fail(ev, E0901, c->span, "write what it does with T. functions",
                      "the foreign function '%s', which works on memory", name);
        e[i] = to_expr(ev, arg[i], c->span);
    }
    need_launch(ev, c);
    Expr *call = expr_call(ev->cx, FN_extern, e, n, name, t, c->span);
    return t == DT_none || t == DT_handle ? emit_eval(ev, call, c->span) : value_expr(call);
}
