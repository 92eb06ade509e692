/* Values and elements as CUDA. What expressions share with other targets is in target/expr.c; here
   are the conversions, and the places of elements in memory and registers. */
#include <string.h>
#include "target/cuda/emit.h"

const char *cuda_value_type(DType t)
{
    if (t == DT_bool) return "bool";
    return dtype_is_narrow(t) ? "float" : dtype_info[t].cuda;
}

/* ---- conversions ---------------------------------------------------------------------------- */

static Piece cast(Emit *e, Piece x, DType from, DType to)
{
    if (from == to || (dtype_is_narrow(from) && to == DT_float32)) return x;
    if (to == DT_bool) return (Piece){emit_f(e, "%s != 0", expr_fit(e, x, P_ADD)), P_EQ};
    if (dtype_is_narrow(to))
        return expr_primary(emit_f(e, "plain(to<%s>(%s))", dtype_info[to].cuda, x.s));
    return expr_ctype(e, cuda_value_type(to), x);
}

static Piece bits(Emit *e, const Expr *x)
{
    DType from = x->arg[0]->type, to = x->type;
    const char *type = dtype_info[from].cuda;
    const char *s = dtype_is_narrow(from)
                        ? emit_f(e, "to<%s>(%s)", type, expr_text(e, x->arg[0], P_COND))
                        : expr_ctype(e, type, expr_piece(e, x->arg[0])).s;
    return expr_primary(emit_f(e,
                               dtype_is_narrow(to) ? "plain(bits_as<%s>(%s))" : "bits_as<%s>(%s)",
                               dtype_info[to].cuda, s));
}

const char *cuda_store_text(Emit *e, const Expr *x, DType t)
{
    bool raw = x->kind == E_OP && x->type == t; /* rounded here, once */
    if (dtype_is_narrow(t))
        return emit_f(e, "to<%s>(%s)", dtype_info[t].cuda,
                      raw ? expr_raw(e, x).s : expr_text(e, x, P_COND));
    return cast(e, expr_piece(e, x), x->type, t).s;
}

/* The rows are written for floats, some with a fast function: __expf, sqrtf. On doubles the names
   lose their marks: exp, sqrt. */
static const char *function(Emit *e, const char *name, DType t)
{
    size_t n = strlen(name);
    if (t != DT_float64 || name[n - 1] != 'f') return name;
    int marks = strncmp(name, "__", 2) ? 0 : 2;
    return emit_f(e, "%.*s", (int)n - 1 - marks, name + marks);
}

/* ---- elements ------------------------------------------------------------------------------- */

static Piece linear(Emit *e, const Buf *b, Expr *const *idx, int from, int to)
{
    Piece p[MAXDIM];
    Buf part = *b;
    part.ndim = to - from;
    for (int d = from; d < to; d++) {
        p[d - from] = expr_piece(e, idx[d]);
        part.dim[d - from] = b->dim[d];
    }
    return expr_linear(e, &part, p);
}

const char *cuda_tile_index(Emit *e, const Tile *t, const Buf *b, Expr *const *idx)
{
    int n = b->ndim;
    if (!t->chunk) return linear(e, b, idx, 0, n).s;
    const char *at = emit_f(e, "swizzled<%d, %d>(%s, %s)", (int)t->rows, cuda_tile_unit(t),
                            expr_text(e, idx[n - 2], P_COND), expr_text(e, idx[n - 1], P_COND));
    if (t->lead == 1) return at;
    return emit_f(e, "%s * %d + %s", expr_fit(e, linear(e, b, idx, 0, n - 2), P_MUL),
                  (int)(t->rows * t->cols), at);
}

const char *cuda_register_text(Emit *e, const Buf *b, Expr *const *idx)
{
    int64_t coef, v;
    Expr *base;
    int cols = (int)cuda_plan_find(e->plan, b)->cols;
    Var *col = e->nest ? e->nest->var[e->nest->col] : NULL;
    if (!col || !expr_affine(e->cx, idx[1], &col, 1, &coef, &base) ||
        (expr_const(base, &v) && v == 0))
        return emit_f(e, "frag_reg<%d>(%s, %s)", cols, e->row_reg, e->col_reg);
    return emit_f(e, "frag_reg<%d>(%s, %s / 4 + %s)", cols, e->row_reg, expr_text(e, base, P_ADD),
                  e->col_reg);
}

const char *cuda_element_text(Emit *e, const Buf *b, Expr *const *idx)
{
    const Place *p = cuda_plan_find(e->plan, b);
    const char *name = name_of(e, b);
    if (!name)
        fail(e->cx, E0902, b->span, NULL, "buffer '%s' is used where it is not declared", b->name);
    switch (p->where) {
    case AT_ACC: return emit_f(e, "%s[%s]", name, cuda_register_text(e, b, idx));
    case AT_ROW: return emit_f(e, "%s[%s]", name, e->row_reg);
    case AT_LOCAL:
    case AT_GLOBAL:
        return b->ndim ? emit_f(e, "%s[%s]", name, linear(e, b, idx, 0, b->ndim).s) : name;
    case AT_SHARED:
    case AT_SLOT: return emit_f(e, "%s[%s]", name, cuda_tile_index(e, &p->tile, b, idx));
    }
    return name;
}

const char *cuda_guard_text(Emit *e, const Buf *b, Expr *const *idx)
{
    const char *s = NULL;
    for (int d = 0; is_tensor(b) && d < b->ndim; d++) {
        if (index_in_bounds(idx[d], b->dim[d], e->scope)) continue;
        const char *one = emit_f(e, "within(%s, %s)", expr_text(e, idx[d], P_COND),
                                 expr_text(e, b->dim[d], P_COND));
        s = s ? emit_f(e, "%s && %s", s, one) : one;
    }
    return s;
}

static Piece load(Emit *e, const Expr *x)
{
    const Buf *b = x->buf;
    const char *s = cuda_element_text(e, b, x->idx), *type = dtype_info[b->type].cuda;
    if (cuda_plan_find(e->plan, b)->where == AT_ACC && dtype_bytes(b->type) == 2)
        s = emit_f(e, "half<%s>(%s[%s / 2], %s)", type, name_of(e, b), /* two to a register */
                   cuda_register_text(e, b, x->idx), e->col_reg);
    Piece p = expr_primary(dtype_is_narrow(b->type) ? emit_f(e, "plain(%s)", s) : s);
    if (b->type == DT_bool) p = (Piece){emit_f(e, "%s != 0", s), P_EQ};
    const char *guard = cuda_guard_text(e, b, x->idx);
    if (!guard) return p;
    Expr *zero = dtype_is_float(x->type) ? expr_float(e->cx, 0, x->type, x->span)
                                         : expr_int(e->cx, 0, x->type, x->span);
    return (Piece){
        emit_f(e, "%s ? %s : %s", guard, expr_fit(e, p, P_OR), expr_text(e, zero, P_COND)), P_COND};
}

static const char *row(Op op)
{
    return op_info[op].cuda;
}

const Dialect cuda_dialect = {
    .target = "cuda",
    .inf = {"K_INF", "(double)K_INF"},
    .nan = {"K_NAN", "(double)K_NAN"},
    .min32 = "(-2147483647 - 1)",
    .min64 = "(-9223372036854775807ll - 1)",
    .wide = "(i64)",
    .grouped = true,
    .small_casts = true,
    .row = row,
    .function = function,
    .cast = cast,
    .bits = bits,
    .load = load,
};

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
