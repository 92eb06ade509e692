/* Expressions at a point: every variable has a value. What cannot be computed exactly, or comes
   from memory, has none. */
#include "tile/verify/affine.h"
#include <math.h>

void point_bind(Point *p, const Var *v, Num x)
{
    for (int i = 0; i < p->n; i++)
        if (p->var[i] == v) {
            p->value[i] = x;
            return;
        }
    if (p->n == MAXBOUND) return;
    p->var[p->n] = v;
    p->value[p->n++] = x;
}

static bool lookup(const Point *p, const Var *v, Num *out)
{
    for (int i = p->n - 1; i >= 0; i--)
        if (p->var[i] == v) {
            *out = p->value[i];
            return true;
        }
    return false;
}

static bool truth(const Expr *e, Num x)
{
    return dtype_is_float(e->type) ? x.f != 0 : x.i != 0;
}

/* signed arithmetic in 128 bits; false: the operation is not one that can leave its type */
static bool exact(Op op, int64_t a, int64_t b, Wide *out)
{
    switch (op) {
    case OP_add: *out = (Wide)a + b; return true;
    case OP_sub: *out = (Wide)a - b; return true;
    case OP_mul: *out = (Wide)a * b; return true;
    case OP_neg: *out = -(Wide)a; return true;
    case OP_shl: *out = (Wide)a * ((Wide)1 << (b & 63)); return true;
    default: return false;
    }
}

static bool int_op(const Expr *e, const Num *x, Num *out, bool *wraps)
{
    DType of = e->arg[e->op == OP_select]->type;
    int64_t a = x[0].i, b = x[1].i;
    bool divides = e->op == OP_div || e->op == OP_floordiv || e->op == OP_floormod;
    if (divides && (b == 0 || (b == -1 && a == INT64_MIN))) return false;
    if (op_info[e->op].rule == RULE_shift && (b < 0 || b >= dtype_info[of].bits)) return false;
    Wide w;
    if (dtype_info[e->type].cls == CLS_I && exact(e->op, a, b, &w) &&
        (w != (int64_t)w || dtype_wrap(e->type, (int64_t)w) != (int64_t)w)) {
        if (!wraps) return false;
        *wraps = true;
        if (w != (int64_t)w) return false;
    }
    out->i = dtype_wrap(e->type, op_fold_as(of, e->op, a, b, x[2].i));
    return true;
}

static bool op_value(const Point *p, const Expr *e, Num *out, bool *wraps)
{
    Num x[MAXARG] = {{0}};
    bool hashed, *below = wraps && op_folds_bits(e->op) ? &hashed : wraps;
    if (!point_value(p, e->arg[0], &x[0], below)) return false;
    if (op_chooses(e->op)) {
        out->i = truth(e->arg[0], x[0]);
        const Expr *next = expr_chosen(e, out->i);
        return !next || point_value(p, next, out, wraps);
    }
    for (int i = 1; i < op_info[e->op].nargs; i++)
        if (!point_value(p, e->arg[i], &x[i], below)) return false;
    if (!dtype_is_float(e->arg[0]->type)) return int_op(e, x, out, wraps);
    double r = op_fold_f(e->op, x[0].f, x[1].f, x[2].f);
    if (dtype_is_float(e->type))
        out->f = dtype_round(e->type, r);
    else
        out->i = r != 0;
    return true;
}

static bool cast_value(const Expr *e, Num x, Num *out)
{
    bool from = dtype_is_float(e->arg[0]->type), to = dtype_is_float(e->type);
    if (!from && e->arg[0]->type == DT_uint64 && x.i < 0) return false;
    if (to) {
        out->f = dtype_round(e->type, from ? x.f : (double)x.i);
        return true;
    }
    if (from && !(fabs(x.f) < 9e15)) return false;
    int64_t i = from ? (int64_t)x.f : x.i;
    out->i = dtype_wrap(e->type, i);
    return !from || out->i == i;
}

bool point_value(const Point *p, const Expr *e, Num *out, bool *wraps)
{
    Num x = {0};
    *out = x;
    switch (e->kind) {
    case E_INT: out->i = e->i; return true;
    case E_FLOAT: out->f = e->f; return true;
    case E_VAR: return lookup(p, e->var, out);
    case E_OP: return op_value(p, e, out, wraps);
    case E_CAST: return point_value(p, e->arg[0], &x, wraps) && cast_value(e, x, out);
    default: return false;
    }
}

bool point_int(const Point *p, const Expr *e, int64_t *out)
{
    Num x;
    if (dtype_is_float(e->type) || !point_value(p, e, &x, NULL)) return false;
    *out = x.i;
    return e->type != DT_uint64 || x.i >= 0;
}

void point_print(Text *out, const Point *p, const Expr *const *about, int n)
{
    const char *sep = "";
    for (int i = p->n - 1; i >= 0; i--) { /* innermost first */
        bool used = false;
        for (int k = 0; k < n && !used; k++) used = expr_uses(about[k], p->var[i]);
        if (!used || dtype_is_float(p->var[i]->type)) continue;
        text_add(out, "%s%s = %lld", sep, p->var[i]->name, (long long)p->value[i].i);
        sep = ", ";
    }
}
