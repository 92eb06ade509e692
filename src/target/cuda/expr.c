/* Expressions and element accesses as text. A value is held in a type C++ can compute with (narrow
   floats as float, rounded after each operation as their type says); an element in memory has the
   type of the table. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "target/cuda/emit.h"

const char *cuda_f(Emit *e, const char *fmt, ...)
{
    va_list ap;
    Text t = text_new(&e->cx->arena);
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    return t.s;
}

/* without the parentheses that close around all of it */
const char *cuda_bare(Emit *e, const char *s)
{
    size_t n = strlen(s);
    int depth = 0;
    if (n < 2 || s[0] != '(' || s[n - 1] != ')') return s;
    for (size_t i = 0; i < n; i++) {
        depth += s[i] == '(';
        depth -= s[i] == ')';
        if (depth == 0 && i < n - 1) return s;
    }
    return arena_copy(&e->cx->arena, s + 1, n - 2);
}

static bool narrow(DType t)
{
    return dtype_is_float(t) && dtype_info[t].bits < 32;
}

const char *cuda_value_type(DType t)
{
    if (t == DT_bool) return "bool";
    return narrow(t) ? "float" : dtype_info[t].cuda;
}

/* ---- constants ------------------------------------------------------------------------------ */

static const char *int_text(Emit *e, int64_t v, DType t)
{
    if (t == DT_bool) return v ? "true" : "false";
    if (t == DT_int32 && v == INT32_MIN) return "(-2147483647 - 1)";
    if (t == DT_int64 && v == INT64_MIN) return "(-9223372036854775807ll - 1)";
    const char *suffix = t == DT_int64 ? "ll" : t == DT_uint32 ? "u" : t == DT_uint64 ? "ull" : "";
    const char *s = t == DT_uint64 ? cuda_f(e, "%" PRIu64 "ull", (uint64_t)v)
                                   : cuda_f(e, "%" PRId64 "%s", v, suffix);
    if (dtype_info[t].bits < 32)
        return cuda_f(e, "(%s)%s", dtype_info[t].cuda, v < 0 ? cuda_f(e, "(%s)", s) : s);
    return v < 0 && t != DT_uint64 ? cuda_f(e, "(%s)", s) : s;
}

static const char *float_text(Emit *e, double v, DType t)
{
    const char *cast = t == DT_float64 ? "(double)" : "";
    if (isnan(v)) return cuda_f(e, "%sK_NAN", cast);
    if (isinf(v)) return cuda_f(e, v < 0 ? "%s-K_INF" : "%sK_INF", *cast ? "(double)" : "");
    char s[64];
    int digits = t == DT_float64 ? 17 : 9;
    for (int d = 1; d <= digits; d++) { /* the shortest that reads back */
        snprintf(s, sizeof s, "%.*g", d, v);
        double back = strtod(s, NULL);
        if (t == DT_float64 ? back == v : (float)back == (float)v) break;
    }
    const char *point = strpbrk(s, ".e") ? "" : ".0";
    const char *number = cuda_f(e, "%s%s%s", s, point, t == DT_float64 ? "" : "f");
    return v < 0 || signbit(v) ? cuda_f(e, "(%s)", number) : number;
}

/* ---- conversions ---------------------------------------------------------------------------- */

/* text of type `from` as a value of type `to` */
static const char *cast_text(Emit *e, const char *x, DType from, DType to)
{
    if (from == to) return x;
    if (to == DT_bool) return cuda_f(e, "(%s != 0)", x);
    if (narrow(to)) return cuda_f(e, "plain(to<%s>(%s))", dtype_info[to].cuda, cuda_bare(e, x));
    if (narrow(from) && to == DT_float32) return x;
    return cuda_f(e, "(%s)%s", cuda_value_type(to), x);
}

static const char *bits_text(Emit *e, const char *x, DType from, DType to)
{
    const char *s = narrow(from) ? cuda_f(e, "to<%s>(%s)", dtype_info[from].cuda, x)
                                 : cuda_f(e, "(%s)%s", dtype_info[from].cuda, x);
    return narrow(to) ? cuda_f(e, "plain(bits_as<%s>(%s))", dtype_info[to].cuda, s)
                      : cuda_f(e, "bits_as<%s>(%s)", dtype_info[to].cuda, s);
}

const char *cuda_store_text(Emit *e, const Expr *x, DType t)
{
    const char *s = cuda_expr_text(e, x);
    if (t == x->type && !narrow(t)) return cuda_bare(e, s);
    if (narrow(t)) return cuda_f(e, "to<%s>(%s)", dtype_info[t].cuda, cuda_bare(e, s));
    return cast_text(e, s, x->type, t);
}

/* ---- operations ----------------------------------------------------------------------------- */

/* C's integer operations on narrow types give int, and on narrow floats float: bring the result
 * back to its type */
static const char *rounded(Emit *e, const char *s, Op op, DType t)
{
    static const bool exact[NOP] = {
        [OP_select] = true, [OP_max] = true, [OP_min] = true, [OP_neg] = true, [OP_abs] = true};
    if (narrow(t) && !exact[op])
        return cuda_f(e, "plain(to<%s>(%s))", dtype_info[t].cuda, cuda_bare(e, s));
    if (dtype_is_int(t) && dtype_info[t].bits < 32)
        return cuda_f(e, "(%s)%s", dtype_info[t].cuda, s);
    return s;
}

static bool not_negative(Emit *e, const Expr *x)
{
    Range r = expr_range(x, e->scope);
    return dtype_info[x->type].cls == CLS_U || (r.known && r.lo >= 0);
}

/* The rows are written for floats, some with a fast function: __expf, sqrtf, 1.0f. On doubles the
 * names and literals lose their marks: exp, sqrt, 1.0. */
static const char *for_doubles(Emit *e, const char *tmpl)
{
    Text t = text_new(&e->cx->arena);
    for (const char *c = tmpl; *c; c++) {
        bool begins = c == tmpl || !(isalnum((unsigned char)c[-1]) || c[-1] == '_');
        bool ends =
            c > tmpl && isalnum((unsigned char)c[-1]) && *c == 'f' && !isalnum((unsigned char)c[1]);
        if (begins && c[0] == '_' && c[1] == '_')
            c++;
        else if (!ends)
            text_put(&t, c, 1);
    }
    return t.s;
}

static const char *op_text(Emit *e, const Expr *x)
{
    const OpInfo *op = &op_info[x->op];
    const char *arg[MAXARG] = {0};
    if (!op->cuda)
        fail(e->cx, E0501, x->span, "use another operation, or another target",
             "the cuda target has no '%s'", op->name);
    for (int i = 0; i < op->nargs; i++) arg[i] = cuda_expr_text(e, x->arg[i]);
    const char *tmpl = op->cuda;
    if ((x->op == OP_floordiv || x->op == OP_floormod) && not_negative(e, x->arg[0]) &&
        not_negative(e, x->arg[1]))
        tmpl = x->op == OP_floordiv ? "($0 / $1)" : "($0 % $1)";
    if (op->rule == RULE_flt && x->type == DT_float64) tmpl = for_doubles(e, tmpl);
    Text t = text_new(&e->cx->arena);
    emit_op(&t, tmpl, arg);
    return rounded(e, t.s, x->op, x->type);
}

/* ---- elements ------------------------------------------------------------------------------- */

/* row-major position; global tensors of unknown or great size are addressed with 64 bits */
static const char *linear_text(Emit *e, const Buf *b, Expr *const *idx)
{
    int64_t elems = buf_elems(b);
    bool wide = (b->space == SP_GLOBAL || b->space == SP_TEMP) && b->ndim > 1 &&
                (elems < 0 || elems > INT32_MAX);
    const char *s = b->ndim ? cuda_expr_text(e, idx[0]) : "0";
    if (wide) s = cuda_f(e, "(i64)%s", s);
    if (b->ndim < 2) return cuda_bare(e, s);
    for (int d = 1; d < b->ndim; d++) {
        int64_t i;
        bool zero = expr_const(idx[d], &i) && i == 0;
        s = cuda_f(e, d > 1 ? "(%s) * %s" : "%s * %s", s, cuda_expr_text(e, b->dim[d]));
        if (!zero) s = cuda_f(e, "%s + %s", s, cuda_expr_text(e, idx[d]));
    }
    return s;
}

const char *cuda_tile_index(Emit *e, const Tile *t, const Buf *b, Expr *const *idx)
{
    if (!t->chunk) return linear_text(e, b, idx);
    const char *at = cuda_f(e, "swizzled<%d, %d>(%s, %s)", (int)t->rows, cuda_tile_unit(t),
                            cuda_bare(e, cuda_expr_text(e, idx[b->ndim - 2])),
                            cuda_bare(e, cuda_expr_text(e, idx[b->ndim - 1])));
    if (t->lead == 1) return at;
    const char *lead = cuda_expr_text(e, idx[0]);
    for (int d = 1; d < b->ndim - 2; d++)
        lead = cuda_f(e, "(%s) * %s + %s", lead, cuda_expr_text(e, b->dim[d]),
                      cuda_expr_text(e, idx[d]));
    return cuda_f(e, "(%s) * %d + %s", lead, (int)(t->rows * t->cols), at);
}

const char *cuda_register_text(Emit *e, const Buf *b, Expr *const *idx)
{
    int64_t coef, v;
    Expr *base;
    int cols = (int)cuda_plan_find(e->plan, b)->cols;
    Var *col = e->nest ? e->nest->var[e->nest->col] : NULL;
    if (!col || !expr_affine(e->cx, idx[1], &col, 1, &coef, &base) ||
        (expr_const(base, &v) && v == 0))
        return cuda_f(e, "frag_reg<%d>(%s, %s)", cols, e->row_reg, e->col_reg);
    return cuda_f(e, "frag_reg<%d>(%s, %s / 4 + %s)", cols, e->row_reg, cuda_expr_text(e, base),
                  e->col_reg);
}

const char *cuda_element_text(Emit *e, const Buf *b, Expr *const *idx)
{
    const Place *p = cuda_plan_find(e->plan, b);
    const char *name = name_of(&e->names, b);
    if (!name)
        fail(e->cx, E0902, b->span, NULL, "buffer '%s' is used where it is not declared", b->name);
    switch (p->where) {
    case AT_ACC: return cuda_f(e, "%s[%s]", name, cuda_register_text(e, b, idx));
    case AT_ROW: return cuda_f(e, "%s[%s]", name, e->row_reg);
    case AT_LOCAL:
    case AT_GLOBAL: return b->ndim ? cuda_f(e, "%s[%s]", name, linear_text(e, b, idx)) : name;
    case AT_SHARED:
    case AT_SLOT: return cuda_f(e, "%s[%s]", name, cuda_tile_index(e, &p->tile, b, idx));
    }
    return name;
}

const char *cuda_guard_text(Emit *e, const Buf *b, Expr *const *idx)
{
    const char *s = NULL;
    if (b->space != SP_GLOBAL && b->space != SP_TEMP) return NULL;
    for (int d = 0; d < b->ndim; d++) {
        if (index_in_bounds(idx[d], b->dim[d], e->scope)) continue;
        const char *one = cuda_f(e, "within(%s, %s)", cuda_bare(e, cuda_expr_text(e, idx[d])),
                                 cuda_bare(e, cuda_expr_text(e, b->dim[d])));
        s = s ? cuda_f(e, "%s && %s", s, one) : one;
    }
    return s;
}

static const char *load_text(Emit *e, const Expr *x)
{
    const Buf *b = x->buf;
    const Place *p = cuda_plan_find(e->plan, b);
    const char *s = cuda_element_text(e, b, x->idx);
    if (p->where == AT_ACC && dtype_bytes(b->type) == 2) /* two to a register */
        s = cuda_f(e, "half<%s>(%s[%s / 2], %s)", dtype_info[b->type].cuda, name_of(&e->names, b),
                   cuda_register_text(e, b, x->idx), e->col_reg);
    if (narrow(b->type)) s = cuda_f(e, "plain(%s)", s);
    if (b->type == DT_bool) s = cuda_f(e, "(%s != 0)", s);
    const char *guard = cuda_guard_text(e, b, x->idx);
    if (!guard) return s;
    return cuda_f(e, "(%s ? %s : %s)", guard, s,
                  dtype_is_float(x->type) ? float_text(e, 0, x->type) : int_text(e, 0, x->type));
}

const char *cuda_expr_text(Emit *e, const Expr *x)
{
    switch (x->kind) {
    case E_INT: return int_text(e, x->i, x->type);
    case E_FLOAT: return float_text(e, x->f, x->type);
    case E_VAR: {
        const char *name = name_of(&e->names, x->var);
        if (!name)
            fail(e->cx, E0902, x->span, NULL, "'%s' is used where it is not declared",
                 x->var->name);
        return name;
    }
    case E_OP: return op_text(e, x);
    case E_CAST: return cast_text(e, cuda_expr_text(e, x->arg[0]), x->arg[0]->type, x->type);
    case E_BITS: return bits_text(e, cuda_expr_text(e, x->arg[0]), x->arg[0]->type, x->type);
    case E_CALL: fail(e->cx, E0902, x->span, NULL, "a call reached a target that has none");
    case E_LOAD: return load_text(e, x);
    }
    return "0";
}

/* proved to be a multiple of `by` */
bool cuda_expr_divisible(const Expr *x, int64_t by)
{
    int64_t v;
    if (by == 1) return true;
    if (expr_const(x, &v)) return v % by == 0;
    if (x->kind == E_CAST && dtype_is_int(x->arg[0]->type))
        return cuda_expr_divisible(x->arg[0], by);
    if (x->kind != E_OP) return false;
    if (x->op == OP_add || x->op == OP_sub)
        return cuda_expr_divisible(x->arg[0], by) && cuda_expr_divisible(x->arg[1], by);
    if (x->op != OP_mul) return false;
    for (int i = 0; i < 2; i++)
        if (expr_const(x->arg[i], &v) && v) {
            int64_t g = by, r = v < 0 ? -v : v;
            while (r) {
                int64_t k = g % r;
                g = r;
                r = k;
            }
            return cuda_expr_divisible(x->arg[!i], by / g);
        }
    return cuda_expr_divisible(x->arg[0], by) || cuda_expr_divisible(x->arg[1], by);
}
