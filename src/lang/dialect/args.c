/* What handlers ask of their arguments. */
#include "lang/dialect.h"
#include <string.h>

Dialect *dialect(Eval *ev)
{
    if (!ev->dialect) ev->dialect = NEW(&ev->cx->arena, Dialect);
    return ev->dialect;
}

void need_launch(Eval *ev, Call *c)
{
    if (!ev->launch)
        eval_fail(ev, E0209, c->span, "use it inside of 'with T.Kernel(...)'",
                  "'T.%s' outside of T.Kernel", c->fn->name);
}

Expr *to_cond(Eval *ev, Call *c, int slot)
{
    return expr_cast(ev->cx, to_expr(ev, c->arg[slot], c->at[slot]), DT_bool, c->at[slot]);
}

Expr *to_whole(Eval *ev, Value v, Span at, const char *what, const char *help)
{
    Expr *e = to_expr(ev, v, at);
    if (dtype_is_float(e->type))
        eval_fail(ev, E0204, at, help, "%s is an integer, not a %s", what,
                  dtype_info[e->type].name);
    return e->type == DT_bool ? expr_cast(ev->cx, e, DT_int32, at) : e;
}

Expr *to_extent(Eval *ev, Value v, Span at)
{
    return to_whole(ev, v, at, "an extent", "use // for a whole quotient");
}

int int_between(Eval *ev, Value v, Span at, int lo, int hi, const char *what)
{
    Int n = to_int(ev, v, at, what);
    if (n < lo || n > hi)
        eval_fail(ev, E0205, at, NULL, "%s is %d to %d, not %lld", what, lo, hi, (long long)n);
    return (int)n;
}

int int_arg(Eval *ev, Call *c, int slot, int lo, int hi, const char *what)
{
    return int_between(ev, c->arg[slot], c->at[slot], lo, hi, what);
}

int choice_arg(Eval *ev, Call *c, int slot, const char *const *names, int n, const char *what)
{
    const char *s = to_str(ev, c->arg[slot], c->at[slot], what);
    Text all = text_new(&ev->cx->arena);
    for (int i = 0; i < n; i++) {
        if (!strcmp(s, names[i])) return i;
        text_add(&all, "%s%s", i ? ", " : "", names[i]);
    }
    eval_fail(ev, E0205, c->at[slot], all.s, "there is no %s '%s'", what, s);
}

Seq one_or_more(const Value *v)
{
    bool many = v->kind == VAL_TUPLE || v->kind == VAL_LIST;
    return many ? *v->seq : (Seq){1, 1, (Value *)v};
}

int shape_arg(Eval *ev, Value v, Span at, ShapeOf what, Expr *dim[MAXDIM])
{
    const Seq s = one_or_more(&v);
    bool tile = what == SHAPE_TILE, strides = what == SHAPE_STRIDES;
    if (s.n > MAXDIM || (tile && !s.n))
        eval_fail(ev, E0203, at, NULL, "a shape has %s %d dimensions, not %d",
                  tile ? "1 to" : "at most", (int)MAXDIM, s.n);
    for (int d = 0; d < s.n; d++) {
        int64_t n;
        dim[d] = to_extent(ev, s.at[d], at);
        bool known = expr_const(dim[d], &n);
        if (!known && tile)
            eval_fail(ev, E0207, at, "give the size as a parameter of the factory",
                      "dimension %d of a buffer on the chip must be a constant", d);
        if (known && !strides && n < (what != SHAPE_TENSOR))
            eval_fail(ev, E0205, at, NULL, "dimension %d is %lld", d, (long long)n);
    }
    return s.n;
}

Value value_frame(Eval *ev, FrameSpec f)
{
    Value v = {.kind = VAL_FRAME, .frame = NEW(&ev->cx->arena, FrameSpec)};
    *v.frame = f;
    return v;
}

/* a longer copy of a list of pointers */
void *list_add(Eval *ev, void *list, int *n, void *item)
{
    void **more = NEWN(&ev->cx->arena, void *, *n + 1);
    if (*n) memcpy(more, list, (size_t)*n * sizeof *more);
    more[(*n)++] = item;
    return more;
}
