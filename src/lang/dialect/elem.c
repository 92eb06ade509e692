/* T.: element functions. Every row of tile/ops.def is one; here are those that need more than a row
 * says. */
#include "lang/dialect.h"
#include <math.h>
#include <string.h>

static Value op2(Eval *ev, Op op, Value a, Value b, Span at)
{
    return simplify(
        value_expr(expr_op(ev->cx, op, to_expr(ev, a, at), to_expr(ev, b, at), NULL, at)));
}

/* the function of a row of ops.def; on known numbers it is computed now */
Value t_element(Eval *ev, Call *c)
{
    Expr *arg[MAXARG] = {0};
    const OpInfo *op = &op_info[c->fn->op];
    for (int i = 0; i < op->nargs; i++) {
        arg[i] = to_expr(ev, c->arg[i], c->at[i]);
        if (op->rule == RULE_flt && arg[i]->kind == E_INT)
            arg[i] = expr_cast(ev->cx, arg[i], DT_float32, c->at[i]);
    }
    return simplify(value_expr(expr_op(ev->cx, (Op)c->fn->op, arg[0], arg[1], arg[2], c->span)));
}

/* ---- types ---- */

Value t_cast(Eval *ev, Call *c)
{
    bool first = !strcmp(c->fn->name, "Cast"); /* T.Cast("float16", x) */
    DType t = to_dtype(ev, c->arg[!first], c->at[!first]);
    const char *round =
        first || c->arg[2].kind == VAL_NONE ? "" : to_str(ev, c->arg[2], c->at[2], "round");
    if (*round && strcmp(round, "rn"))
        eval_fail(ev, E0501, c->at[2], "round=\"rn\"", "stochastic rounding is of another chip");
    return value_expr(to_typed(ev, c->arg[first], t, c->at[first]));
}

Value t_reinterpret(Eval *ev, Call *c)
{
    bool swapped = c->arg[0].kind == VAL_STR || c->arg[0].kind == VAL_DTYPE;
    Value v = c->arg[swapped], type = packed_dtype(ev, c->arg[!swapped], c->at[!swapped]);
    if (v.kind == VAL_VECTOR || type.lanes > 1) {
        Value out = lanes_bits(ev, to_lanes(ev, v, c->at[swapped]), type.dtype, c->span);
        if (out.seq->n != type.lanes)
            eval_fail(ev, E0302, c->span, NULL, "T.reinterpret keeps the width: %d lanes, not %d",
                      out.seq->n, type.lanes);
        return out.seq->n == 1 ? out.seq->at[0] : out;
    }
    return value_expr(expr_bits(ev->cx, to_expr(ev, v, c->at[swapped]), type.dtype, c->span));
}

static DType float_type(Eval *ev, Call *c)
{
    DType t = to_dtype(ev, c->arg[0], c->at[0]);
    if (!dtype_is_float(t))
        eval_fail(ev, E0204, c->at[0], NULL, "%s has no %s", dtype_info[t].name, c->fn->name);
    return t;
}

Value t_infinity(Eval *ev, Call *c)
{
    return value_expr(expr_float(ev->cx, INFINITY, float_type(ev, c), c->span));
}

Value t_nan(Eval *ev, Call *c)
{
    return value_expr(expr_float(ev->cx, NAN, float_type(ev, c), c->span));
}

/* the greatest finite value of a float type: all but the bits that would make it infinite */
static double greatest(DType t)
{
    switch (t) {
    case DT_float64: return 1.7976931348623157e308;
    case DT_float32: return 3.4028234663852886e38;
    case DT_tfloat32: return 3.4011621342146535e38;
    case DT_float8_e8m0fnu: return 1.7014118346046923e38;
    case DT_float4_e2m1fn: return 6;
    case DT_bfloat16: return bf16_to(0x7f7f);
    case DT_float16: return f16_to(0x7bff);
    case DT_float8_e4m3fn: return e4m3_to(0x7e);
    default: return e5m2_to(0x7b);
    }
}

Value t_extreme(Eval *ev, Call *c)
{
    bool low = c->fn->op;
    DType t = to_dtype(ev, c->arg[0], c->at[0]);
    int bits = dtype_info[t].bits;
    if (dtype_is_float(t))
        return value_expr(expr_float(ev->cx, low ? -greatest(t) : greatest(t), t, c->span));
    uint64_t all = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    bool is_signed = dtype_info[t].cls == CLS_I;
    uint64_t top = is_signed ? all >> 1 : t == DT_bool ? 1 : all;
    int64_t v = low ? (is_signed ? -(int64_t)top - 1 : 0) : (int64_t)top;
    return value_expr(expr_int(ev->cx, v, t, c->span));
}

Value t_dtype(Eval *ev, Call *c)
{
    return value_dtype(to_dtype(ev, c->arg[0], c->at[0]));
}

Value t_no_type(Eval *ev, Call *c)
{
    eval_fail(ev, E0901, c->callee, NULL, "'T.%s' is not built yet: %s", c->fn->name, c->fn->help);
}

Value t_tir_const(Eval *ev, Call *c)
{
    Expr *e = to_expr(ev, c->arg[0], c->at[0]);
    return value_expr(expr_cast(ev->cx, e, to_dtype(ev, c->arg[1], c->at[1]), c->span));
}

/* ---- choices ---- */

Value t_select(Eval *ev, Call *c)
{
    Expr *test = to_expr(ev, c->arg[0], c->at[0]), *x = to_expr(ev, c->arg[1], c->at[1]),
         *y = to_expr(ev, c->arg[2], c->at[2]);
    return simplify(value_expr(expr_op(ev->cx, OP_select, test, x, y, c->span)));
}

/* T.max(x, y, ...) */
Value t_fold(Eval *ev, Call *c)
{
    if (!c->rest.n) eval_fail(ev, E0203, c->span, NULL, "'T.%s' needs an argument", c->fn->name);
    Value v = c->rest.at[0];
    for (int i = 1; i < c->rest.n; i++) v = op2(ev, (Op)c->fn->op, v, c->rest.at[i], c->span);
    return v;
}

Value t_not(Eval *ev, Call *c)
{
    return eval_unary(ev, PY_not, c->arg[0], c->span);
}

Value t_clamp(Eval *ev, Call *c)
{
    return op2(ev, OP_min, op2(ev, OP_max, c->arg[0], c->arg[1], c->span), c->arg[2], c->span);
}

Value t_isnan(Eval *ev, Call *c)
{
    return op2(ev, OP_ne, c->arg[0], c->arg[0], c->span);
}

static bool has_infinity(DType t)
{
    return t != DT_float8_e4m3fn && t != DT_float8_e8m0fnu && t != DT_float4_e2m1fn;
}

Value t_isinf(Eval *ev, Call *c)
{
    Expr *x = to_expr(ev, c->arg[0], c->at[0]);
    if (!dtype_is_float(x->type) || !has_infinity(x->type)) return value_bool(false);
    Expr *size = expr_op(ev->cx, OP_abs, x, NULL, NULL, c->span);
    return simplify(value_expr(
        build_op(ev, OP_eq, size, expr_float(ev->cx, INFINITY, x->type, c->span), c->span)));
}

Value t_isfinite(Eval *ev, Call *c)
{
    Expr *x = to_expr(ev, c->arg[0], c->at[0]);
    if (!dtype_is_float(x->type)) return value_bool(true);
    if (!has_infinity(x->type)) return simplify(value_expr(build_op(ev, OP_eq, x, x, c->span)));
    Expr *size =
        expr_op(ev->cx, OP_abs, x, NULL, NULL, c->span); /* not so of what is not a number */
    return simplify(value_expr(
        build_op(ev, OP_lt, size, expr_float(ev->cx, INFINITY, x->type, c->span), c->span)));
}

/* counted in the bits that the type has */
Value t_popcount(Eval *ev, Call *c)
{
    static const DType same_width[] = {DT_uint8, DT_uint16, DT_uint32, DT_uint64};
    Expr *x = to_expr(ev, c->arg[0], c->at[0]);
    DType t = x->type;
    for (int i = 0; i < COUNT(same_width) && dtype_info[t].cls == CLS_I; i++)
        if (dtype_info[same_width[i]].bits == dtype_info[t].bits)
            x = expr_cast(ev->cx, x, same_width[i], c->at[0]);
    x = expr_op(ev->cx, OP_popcount, x, NULL, NULL, c->span);
    return simplify(value_expr(expr_cast(ev->cx, x, t, c->span)));
}

/* ---- rounding as IEEE 754 says ---- */

Value t_round(Eval *ev, Call *c)
{
    const char *mode = c->arg[1].kind == VAL_NONE
                           ? "ties-to-even"
                           : to_str(ev, c->arg[1], c->at[1], "rounding_mode");
    bool even = !strcmp(mode, "ties-to-even");
    if (!even && strcmp(mode, "ties-away-from-zero"))
        eval_fail(ev, E0205, c->at[1], "ties-to-even, ties-away-from-zero",
                  "there is no rounding mode '%s'", mode);
    Builtin row = *c->fn;
    Call as = *c;
    row.op = even ? OP_nearbyint : OP_round;
    as.fn = &row;
    return t_element(ev, &as);
}

static void check_rounding(Eval *ev, Call *c, int slot)
{
    static const char *const modes[] = {"rz", "ru", "rd"};
    if (slot >= c->n || c->arg[slot].kind == VAL_NONE) return;
    const char *mode = to_str(ev, c->arg[slot], c->at[slot], "rounding_mode");
    if (!strcmp(mode, "rn")) return;
    for (int i = 0; i < COUNT(modes); i++)
        if (!strcmp(mode, modes[i]))
            eval_fail(ev, E0901, c->at[slot], "rounding_mode=\"rn\"",
                      "rounding to another side than the nearest number");
    eval_fail(ev, E0205, c->at[slot], "rn, rz, ru, rd", "there is no rounding mode '%s'", mode);
}

Value t_ieee(Eval *ev, Call *c)
{
    check_rounding(ev, c, op_info[c->fn->op].nargs);
    return t_element(ev, c);
}

/* the product of two floats of 32 bits is exact in 64 */
Value t_fma(Eval *ev, Call *c)
{
    Expr *e[3];
    DType t = DT_none;
    check_rounding(ev, c, 3);
    for (int i = 0; i < 3; i++) {
        e[i] = to_expr(ev, c->arg[i], c->at[i]);
        t = i ? dtype_promote(t, e[i]->type) : e[i]->type;
    }
    bool wide = dtype_is_float(t) && t != DT_float64;
    for (int i = 0; i < 3 && wide; i++) e[i] = expr_cast(ev->cx, e[i], DT_float64, c->at[i]);
    Expr *sum = build_op(ev, OP_add, build_op(ev, OP_mul, e[0], e[1], c->span), e[2], c->span);
    return simplify(value_expr(expr_cast(ev->cx, sum, t, c->span)));
}

Value t_rcp(Eval *ev, Call *c)
{
    check_rounding(ev, c, 1);
    return op2(ev, OP_div, value_float(1), c->arg[0], c->span);
}

/* T.__ldg(x[i]), T.__ldg(x, i) */
Value t_ldg(Eval *ev, Call *c)
{
    Expr *place = to_place(ev, c->arg[0], c->at[0]);
    if (c->arg[1].kind != VAL_NONE)
        place = place_after(ev, place, to_expr(ev, c->arg[1], c->at[1]));
    return value_expr(place);
}

Value t_same(Eval *ev, Call *c)
{
    (void)ev;
    return c->arg[0];
}

/* ---- integers ---- */

/* (x + y - 1) // y */
Value t_ceildiv(Eval *ev, Call *c)
{
    Value x = c->arg[0], y = c->arg[1];
    Value up =
        eval_binary(ev, PY_add, x, eval_binary(ev, PY_sub, y, value_int(1), c->span), c->span);
    return eval_binary(ev, PY_floordiv, up, y, c->span);
}

/* floor and truncation differ by one where the signs do and something is left over */
static Expr *truncdiv(Eval *ev, Call *c, Expr **x, Expr **y)
{
    Cx *cx = ev->cx;
    Span at = c->span;
    Expr *a = to_expr(ev, c->arg[0], c->at[0]), *b = to_expr(ev, c->arg[1], c->at[1]);
    Expr *zero = expr_i32(cx, 0), *floor = expr_op(cx, OP_floordiv, a, b, NULL, at);
    Expr *left = expr_op(cx, OP_ne, expr_op(cx, OP_floormod, a, b, NULL, at), zero, NULL, at);
    Expr *signs = expr_op(cx, OP_ne, expr_op(cx, OP_lt, a, zero, NULL, at),
                          expr_op(cx, OP_lt, b, zero, NULL, at), NULL, at);
    Expr *one = expr_cast(cx, expr_op(cx, OP_and, left, signs, NULL, at), floor->type, at);
    *x = a;
    *y = b;
    return expr_op(cx, OP_add, floor, one, NULL, at);
}

Value t_truncdiv(Eval *ev, Call *c)
{
    Expr *a, *b;
    return simplify(value_expr(truncdiv(ev, c, &a, &b)));
}

Value t_truncmod(Eval *ev, Call *c)
{
    Expr *a, *b, *q = truncdiv(ev, c, &a, &b);
    Expr *back = expr_op(ev->cx, OP_mul, q, b, NULL, c->span);
    return simplify(value_expr(expr_op(ev->cx, OP_sub, a, back, NULL, c->span)));
}

Value t_align_up(Eval *ev, Call *c)
{
    return eval_binary(ev, PY_mul, t_ceildiv(ev, c), c->arg[1], c->span);
}
