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

/* T.cast(x, "float16"); op 1: T.Cast("float16", x) */
Value t_cast(Eval *ev, Call *c)
{
    int from = c->fn->op, to = !from;
    DType t = to_dtype(ev, c->arg[to], c->at[to]);
    if (c->n > 2 && c->arg[2].kind != VAL_NONE &&
        strcmp(to_str(ev, c->arg[2], c->at[2], "round"), "rn"))
        eval_fail(ev, E0501, c->at[2], "round=\"rn\"", "stochastic rounding is of another chip");
    return value_expr(to_typed(ev, c->arg[from], t, c->at[from]));
}

Value t_reinterpret(Eval *ev, Call *c)
{
    bool swapped = c->arg[0].kind == VAL_STR || c->arg[0].kind == VAL_DTYPE;
    Value v = c->arg[swapped], type = packed_dtype(ev, c->arg[!swapped], c->at[!swapped]);
    if (v.kind == VAL_VECTOR || type.lanes > 1) {
        int lanes = MAX(type.lanes, 1);
        type.lanes = 0;
        return prelude_call(ev, "reinterpret", (Value[]){v, type, value_int(lanes)}, 3, c->span);
    }
    return value_expr(expr_bits(ev->cx, to_expr(ev, v, c->at[swapped]), type.dtype, c->span));
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

Expr *extreme_value(Eval *ev, DType t, bool low, Span at)
{
    if (dtype_is_float(t)) return expr_float(ev->cx, low ? -greatest(t) : greatest(t), t, at);
    int bits = dtype_info[t].bits;
    uint64_t all = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    bool is_signed = dtype_info[t].cls == CLS_I;
    uint64_t top = is_signed ? all >> 1 : t == DT_bool ? 1 : all;
    return expr_int(ev->cx, !low ? (int64_t)top : is_signed ? -(int64_t)top - 1 : 0, t, at);
}

/* op: 0 the greatest finite value of a type, 1 the least, 2 infinity, 3 not a number */
Value t_extreme(Eval *ev, Call *c)
{
    int which = c->fn->op;
    DType t = to_dtype(ev, c->arg[0], c->at[0]);
    if (which < 2) return value_expr(extreme_value(ev, t, which, c->span));
    if (!dtype_is_float(t))
        eval_fail(ev, E0204, c->at[0], NULL, "%s has no %s", dtype_info[t].name, c->fn->name);
    return value_expr(expr_float(ev->cx, which == 2 ? INFINITY : NAN, t, c->span));
}

Value t_dtype(Eval *ev, Call *c)
{
    return value_dtype(to_dtype(ev, c->arg[0], c->at[0]));
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

Value t_round(Eval *ev, Call *c)
{
    static const char *const modes[] = {"ties-to-even", "ties-away-from-zero"};
    static const Op op[COUNT(modes)] = {OP_nearbyint, OP_round};
    int k = c->arg[1].kind == VAL_NONE ? 0 : choice_arg(ev, c, 1, modes, COUNT(modes), "rounding mode");
    Builtin row = *c->fn;
    Call as = *c;
    row.op = op[k];
    as.fn = &row;
    return t_element(ev, &as);
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
