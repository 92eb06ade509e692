/* Python's numbers: builtins, math, and the machine that a program asks about. On symbolic values
   min, max, abs and sum make expressions. */
#include "lang/lang.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Seq *items(Eval *ev, Call *c, int slot)
{
    return eval_items(ev, c->arg[slot], c->at[slot]);
}

static Value fold(Eval *ev, PyOp op, Value v, const Seq *s, Span at)
{
    for (int i = 0; i < s->n; i++) v = eval_binary(ev, op, v, s->at[i], at);
    return v;
}

Value py_sum(Eval *ev, Call *c)
{
    return fold(ev, PY_add, c->arg[1], items(ev, c, 0), c->span);
}

static Value extreme(Eval *ev, Call *c, PyOp better, Op symbolic)
{
    const Seq *s = c->rest.n == 1 ? eval_items(ev, c->rest.at[0], c->span) : &c->rest;
    if (!s->n && c->arg[2].kind != VAL_NONE) return c->arg[2];
    if (!s->n) eval_fail(ev, E0205, c->span, NULL, "'%s' of nothing", c->fn->name);
    Value best = s->at[0], best_key = best;
    bool by_key = c->arg[1].kind != VAL_NONE;
    if (by_key) best_key = call_simple(ev, c->arg[1], &best, 1, c->span);
    for (int i = 1; i < s->n; i++) {
        Value v = s->at[i], key = by_key ? call_simple(ev, c->arg[1], &v, 1, c->span) : v;
        if (is_symbolic(&key) || is_symbolic(&best_key)) {
            best = best_key =
                simplify(value_expr(expr_op(ev->cx, symbolic, to_expr(ev, best, c->span),
                                            to_expr(ev, v, c->span), NULL, c->span)));
        } else if (to_bool(ev, eval_compare(ev, better, key, best_key, c->span), c->span,
                           "a comparison")) {
            best = v;
            best_key = key;
        }
    }
    return best;
}

Value py_min(Eval *ev, Call *c)
{
    return extreme(ev, c, PY_lt, OP_min);
}

Value py_max(Eval *ev, Call *c)
{
    return extreme(ev, c, PY_gt, OP_max);
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
        return simplify(
            value_expr(expr_op(ev->cx, OP_abs, to_expr(ev, v, c->span), NULL, NULL, c->span)));
    if (v.kind == VAL_FLOAT) return value_float(fabs(v.f));
    Int i = to_int(ev, v, c->at[0], "the argument of 'abs'");
    return value_int(i < 0 ? -i : i);
}

static Value whole(Eval *ev, Call *c, double f)
{
    if (!(fabs(f) < 1e36)) eval_fail(ev, E0205, c->span, NULL, "%g is not an integer", f);
    return value_int((Int)f);
}

static int digit_of(char ch)
{
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'a' && ch <= 'z' ? ch - 'a' + 10
           : ch >= 'A' && ch <= 'Z' ? ch - 'A' + 10
                                    : 99;
}

/* " -0x1_f ": blanks around, a sign, the prefix of the base, digits with single underscores */
static Value int_of_text(Eval *ev, Call *c, const char *text, Int base)
{
    const char *s = text + strspn(text, " \t\n");
    bool neg = *s == '-', bad = base < 2 || base > 36, over = false;
    Int i = 0;
    s += *s == '-' || *s == '+';
    int prefix = s[0] == '0' && s[1] ? s[1] | 32 : 0;
    Int says = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 0;
    if (base == 0) {
        base = says ? says : 10;
        bad = false;
    }
    if (says == base && says) s += 2;
    bad |= digit_of(*s) >= base;
    for (; digit_of(*s) < base || (*s == '_' && digit_of(s[1]) < base); s++)
        if (*s != '_')
            over |= __builtin_mul_overflow(i, base, &i) || __builtin_add_overflow(i, (Int)digit_of(*s), &i);
    if (bad || s[strspn(s, " \t\n")]) eval_fail(ev, E0205, c->span, NULL, "'%s' is not an integer", text);
    if (over) eval_fail(ev, E0217, c->span, NULL, "this integer needs more than 127 bits");
    return value_int(neg ? -i : i);
}

Value py_int(Eval *ev, Call *c)
{
    Value v = simplify(plain_value(c->arg[0])), out;
    if (v.kind == VAL_FLOAT) return whole(ev, c, trunc(v.f));
    if (v.kind == VAL_STR)
        return int_of_text(ev, c, v.s, to_int(ev, c->arg[1], c->at[1], "base"));
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
            to += *s != '_' || s == v.s || digit_of(s[-1]) > 9 || digit_of(s[1]) > 9;
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

/* to an even last digit; with digits, what the decimal text of the number rounds to */
Value py_round(Eval *ev, Call *c)
{
    Value v = simplify(plain_value(c->arg[0]));
    if (c->arg[1].kind == VAL_NONE)
        return v.kind == VAL_INT ? v : whole(ev, c, nearbyint(number(ev, c, 0)));
    Int digits = to_int(ev, c->arg[1], c->at[1], "digits");
    if (v.kind == VAL_FLOAT && digits >= 0 && digits < 60 && fabs(v.f) < 1e300) {
        char text[400];
        snprintf(text, sizeof text, "%.*f", (int)digits, v.f);
        return value_float(strtod(text, NULL));
    }
    if (digits > 300 || digits < -300) return v;
    double scale = pow(10, (double)-digits), x = nearbyint(number(ev, c, 0) / scale) * scale;
    return v.kind == VAL_INT ? (digits >= 0 ? v : whole(ev, c, x)) : value_float(x);
}

Value py_divmod(Eval *ev, Call *c)
{
    return value_pair(ev->cx, eval_binary(ev, PY_floordiv, c->arg[0], c->arg[1], c->span),
                eval_binary(ev, PY_mod, c->arg[0], c->arg[1], c->span));
}

Value py_pow(Eval *ev, Call *c)
{
    if (c->arg[2].kind == VAL_NONE) return eval_binary(ev, PY_pow, c->arg[0], c->arg[1], c->span);
    Int x = to_int(ev, c->arg[0], c->at[0], "the base"), y = to_int(ev, c->arg[1], c->at[1], "the exponent"),
        m = to_int(ev, c->arg[2], c->at[2], "the modulus"), r = 1;
    if (m < 1 || y < 0 || m > (Int)1 << 62) eval_fail(ev, E0205, c->span, NULL, "'pow' with this modulus");
    for (x = (x % m + m) % m; y; y >>= 1, x = x * x % m)
        if (y & 1) r = r * x % m;
    return value_int(r % m);
}

Value py_math_pow(Eval *ev, Call *c)
{
    return value_float(pow(number(ev, c, 0), number(ev, c, 1)));
}

Value py_ceil(Eval *ev, Call *c)
{
    return whole(ev, c, ceil(number(ev, c, 0)));
}
Value py_floor(Eval *ev, Call *c)
{
    return whole(ev, c, floor(number(ev, c, 0)));
}
Value py_trunc(Eval *ev, Call *c)
{
    return whole(ev, c, trunc(number(ev, c, 0)));
}
/* the functions of math that take a number and give a float */
Value py_float_1(Eval *ev, Call *c)
{
    static const struct {
        const char *name;
        double (*f)(double);
    } table[] = {
        {"exp", exp},     {"exp2", exp2},   {"sin", sin},     {"cos", cos},     {"tan", tan},
        {"asin", asin},   {"acos", acos},   {"atan", atan},   {"sinh", sinh},   {"cosh", cosh},
        {"tanh", tanh},   {"log1p", log1p}, {"expm1", expm1}, {"erf", erf},     {"erfc", erfc},
        {"cbrt", cbrt},   {"gamma", tgamma}, {"lgamma", lgamma}, {"asinh", asinh}, {"atanh", atanh},
        {"fabs", fabs},   {"sqrt", sqrt},   {"log2", log2},   {"log10", log10}, {"acosh", acosh},
    };
    double x = number(ev, c, 0), y = 0;
    for (int i = 0; i < COUNT(table); i++)
        if (!strcmp(table[i].name, c->fn->name)) y = table[i].f(x);
    if (isfinite(x) && !isfinite(y)) eval_fail(ev, E0205, c->at[0], NULL, "'%s' of %g", c->fn->name, x);
    return value_float(y);
}

/* isinf, isnan, isfinite */
Value py_is_float(Eval *ev, Call *c)
{
    double x = number(ev, c, 0);
    char what = c->fn->name[2];
    return value_bool(what == 'n' ? isnan(x) : (what == 'i') == isinf(x) && (what == 'i' || !isnan(x)));
}

Value py_number(Eval *ev, Call *c)
{
    static const struct {
        const char *name;
        double value;
    } table[] = {{"pi", 3.14159265358979323846}, {"tau", 6.28318530717958647693},
                 {"e", 2.71828182845904523536}, {"inf", INFINITY}, {"nan", NAN}};
    int i = 0;
    while (strcmp(table[i].name, c->fn->name)) i++;
    (void)ev;
    return value_float(table[i].value);
}

Value py_float_2(Eval *ev, Call *c)
{
    double x = number(ev, c, 0), y = number(ev, c, 1);
    const char *name = c->fn->name;
    if (!strcmp(name, "fmod") && y == 0) eval_fail(ev, E0205, c->span, NULL, "'fmod' by zero");
    return value_float(!strcmp(name, "atan2")   ? atan2(x, y)
                       : !strcmp(name, "hypot") ? hypot(x, y)
                       : !strcmp(name, "fmod")  ? fmod(x, y)
                                                : copysign(x, y));
}

Value py_log(Eval *ev, Call *c)
{
    double x = number(ev, c, 0), y = log(x);
    if (!(x > 0)) eval_fail(ev, E0205, c->at[0], NULL, "'log' of %g", x);
    return value_float(c->arg[1].kind == VAL_NONE ? y : y / log(number(ev, c, 1)));
}

Value py_next_power_of_2(Eval *ev, Call *c)
{
    Int x = to_int(ev, c->arg[0], c->at[0], "the argument of 'next_power_of_2'"), p = 1;
    if (x > (Int)1 << 62)
        eval_fail(ev, E0217, c->at[0], NULL, "next_power_of_2 of a number beyond 62 bits");
    while (p < x) p *= 2;
    return value_int(p);
}

/* ---- the machine ---- */

Value py_machine_there(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return value_bool(true);
}

Value py_machine_capability(Eval *ev, Call *c)
{
    (void)c;
    return value_pair(ev->cx, value_int(9), value_int(0));
}

Value py_machine_device(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return value_int(0);
}

Value py_machine_cuda(Eval *ev, Call *c)
{
    (void)c;
    return value_text(ev->cx, "12.8");
}

Value py_machine_version(Eval *ev, Call *c)
{
    return value_text(ev->cx, "%s", c->fn->help);
}

Value py_machine_properties(Eval *ev, Call *c)
{
    static const struct {
        const char *name;
        int value;
    } facts[] = {{"major", 9},
                 {"minor", 0},
                 {"multi_processor_count", 132},
                 {"warp_size", 32},
                 {"max_threads_per_multi_processor", 2048},
                 {"shared_memory_per_block", 49152},
                 {"shared_memory_per_block_optin", 232448},
                 {"shared_memory_per_multiprocessor", 233472},
                 {"regs_per_multiprocessor", 65536}};
    Value v = {.kind = VAL_OBJECT, .object = NEW(&ev->cx->arena, Object)};
    (void)c;
    v.object->cls = class_new(ev, "properties", NULL, 0);
    for (int i = 0; i < COUNT(facts); i++)
        attr_set(ev->cx, &v.object->attrs, intern(ev->cx, facts[i].name),
                 value_int(facts[i].value));
    return v;
}

Value py_none(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return NONE_VALUE;
}

Value py_machine_cores(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return value_int(132);
}
