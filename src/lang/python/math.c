/* Python's numbers: builtins and math. On symbolic values min, max and abs make expressions. */
#include "lang/lang.h"
#include "lang/syntax/lex.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* min, max */
Value py_extreme(Eval *ev, Call *c)
{
    const Seq *s = c->rest.n == 1 ? eval_items(ev, c->rest.at[0], c->span) : &c->rest;
    Op op = (Op)c->fn->op;
    if (!s->n && c->arg[2].kind != VAL_NONE) return c->arg[2];
    if (!s->n) eval_fail(ev, E0205, c->span, NULL, "'%s' of nothing", c->fn->name);
    Value best = {0}, best_key = {0};
    for (int i = 0; i < s->n; i++) {
        Value v = s->at[i], key = c->arg[1].kind == VAL_NONE ? v : call_simple(ev, c->arg[1], &v, 1, c->span);
        if (i && (is_symbolic(&key) || is_symbolic(&best_key)))
            best = best_key = value_op(ev, op, best, v, c->span);
        else if (!i || to_bool(ev, eval_compare(ev, op == OP_min ? PY_lt : PY_gt, key, best_key, c->span), c->span,
                               "a comparison")) {
            best = v;
            best_key = key;
        }
    }
    return best;
}

static double number(Eval *ev, Call *c, int slot)
{
    Value v = simplify(c->arg[slot]);
    if (v.kind == VAL_FLOAT) return v.f;
    if (v.kind == VAL_EXPR && v.expr->kind == E_FLOAT) return v.expr->f;
    Value out;
    if (call_special(ev, v, "__float__", NULL, 0, c->span, &out)) v = out;
    if (v.kind == VAL_FLOAT) return v.f;
    return (double)to_int(ev, v, c->at[slot],
                          arena_printf(&ev->cx->arena, "the argument of '%s'", c->fn->name));
}

Value py_abs(Eval *ev, Call *c)
{
    Value v = plain_value(c->arg[0]), own;
    if (call_special(ev, v, "__abs__", NULL, 0, c->span, &own)) return own;
    if (is_symbolic(&v))
        return value_op(ev, OP_abs, v, (Value){0}, c->span);
    if (v.kind == VAL_FLOAT) return value_float(fabs(v.f));
    Int i = to_int(ev, v, c->at[0], "the argument of 'abs'");
    return value_int(i < 0 ? -i : i);
}

static Value whole(Eval *ev, Call *c, double f)
{
    if (!(fabs(f) < 1e36)) eval_fail(ev, E0205, c->span, NULL, "%g is not an integer", f);
    return value_int((Int)f);
}

Value py_int(Eval *ev, Call *c)
{
    Value v = simplify(plain_value(c->arg[0])), out;
    if (v.kind == VAL_FLOAT) return whole(ev, c, trunc(v.f));
    if (v.kind == VAL_STR && prelude_lookup(ev, "int", "_of_text", &out))
        return call_simple(ev, out, (Value[]){v, c->arg[1]}, 2, c->span);
    if (is_symbolic(&v))
        return value_expr(expr_cast(ev->cx, to_expr(ev, v, c->span), DT_int32, c->span));
    if (call_special(ev, v, "__int__", NULL, 0, c->span, &out)) v = out;
    return value_int(to_int(ev, v, c->at[0], "the argument of 'int'"));
}

Value py_float(Eval *ev, Call *c)
{
    Value v = simplify(plain_value(c->arg[0]));
    if (v.kind == VAL_STR) {
        char *digits = arena_copy(&ev->cx->arena, v.s, v.len), *to = digits, *end;
        for (const char *s = v.s; (*to = *s); s++) /* 1_000.5 */
            to += *s != '_' || s == v.s || lex_digit(s[-1]) > 9 || lex_digit(s[1]) > 9;
        double f = strtod(digits, &end);
        bool hex = strpbrk(v.s, "xX") != NULL;
        if (end == digits || end[strspn(end, " \t\n")] || hex)
            eval_fail(ev, E0205, c->span, NULL, "'%s' is not a number", v.s);
        return value_float(f);
    }
    if (is_symbolic(&v) && !(v.kind == VAL_EXPR && v.expr->kind == E_FLOAT))
        return value_expr(expr_cast(ev->cx, to_expr(ev, v, c->span), DT_float32, c->span));
    return value_float(number(ev, c, 0));
}

Value py_bool(Eval *ev, Call *c)
{
    return value_bool(to_bool(ev, c->arg[0], c->at[0], "the argument of 'bool'"));
}

/* ceil, floor, trunc */
Value py_whole(Eval *ev, Call *c)
{
    double x = number(ev, c, 0);
    return whole(ev, c, c->fn->name[0] == 'c' ? ceil(x) : c->fn->name[0] == 'f' ? floor(x) : trunc(x));
}

/* the functions of math that take one number, or two, and give a float */
Value py_float_1(Eval *ev, Call *c)
{
    static const struct {
        const char *name;
        double (*f)(double), (*g)(double, double);
    } table[] = {
        {"exp", exp, 0},     {"exp2", exp2, 0},   {"sin", sin, 0},       {"cos", cos, 0},       {"tan", tan, 0},
        {"asin", asin, 0},   {"acos", acos, 0},   {"atan", atan, 0},     {"sinh", sinh, 0},     {"cosh", cosh, 0},
        {"tanh", tanh, 0},   {"log1p", log1p, 0}, {"expm1", expm1, 0},   {"erf", erf, 0},       {"erfc", erfc, 0},
        {"cbrt", cbrt, 0},   {"gamma", tgamma, 0}, {"lgamma", lgamma, 0}, {"asinh", asinh, 0},  {"atanh", atanh, 0},
        {"fabs", fabs, 0},   {"sqrt", sqrt, 0},   {"log2", log2, 0},     {"log10", log10, 0},   {"acosh", acosh, 0},
        {"atan2", 0, atan2}, {"hypot", 0, hypot}, {"fmod", 0, fmod},     {"copysign", 0, copysign},
    };
    double x = number(ev, c, 0), y = 0;
    for (int i = 0; i < COUNT(table); i++)
        if (!strcmp(table[i].name, c->fn->name)) y = table[i].f ? table[i].f(x) : table[i].g(x, number(ev, c, 1));
    if (isfinite(x) && !isfinite(y)) eval_fail(ev, E0205, c->at[0], NULL, "'%s' of %g", c->fn->name, x);
    return value_float(y);
}

Value py_log(Eval *ev, Call *c)
{
    double x = number(ev, c, 0), y = log(x);
    if (!(x > 0)) eval_fail(ev, E0205, c->at[0], NULL, "'log' of %g", x);
    return value_float(c->arg[1].kind == VAL_NONE ? y : y / log(number(ev, c, 1)));
}

/* ---- the machine ---- */

/* for format() and round() */
Value py_float_text(Eval *ev, Call *c)
{
    char s[512], spec[] = "%#.*f", type = to_str(ev, c->arg[1], c->at[1], "the type")[0];
    bool alt = to_bool(ev, c->arg[3], c->at[3], "alt");
    spec[4] = type;
    if (!alt) memmove(spec + 1, spec + 2, sizeof spec - 2);
    Int precision = to_int(ev, c->arg[2], c->at[2], "precision");
    if (!strchr("eEfFgG", type) || precision < 0 || precision > 99)
        eval_fail(ev, E0204, c->span, NULL, "a float by '%s'", spec);
    snprintf(s, sizeof s, spec, (int)precision, number(ev, c, 0));
    return value_text(ev->cx, "%s", s);
}
