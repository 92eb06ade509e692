/* Values and elements as C++ for all roles. What expressions share with other targets is in
   target/expr.c; here are the conversions, and elements in global memory and in L1. Floats are held
   as float, already rounded to their own type. */
#include "target/metalium/metalium.h"
#include <string.h>

const char *c_type(DType t)
{
    if (dtype_is_float(t)) return "float";
    return t == DT_bool ? "bool" : dtype_info[t].c;
}

/* ---- conversions ---- */

static const char *static_cast_text(Emit *e, DType t, const char *s)
{
    return emit_f(e, "static_cast<%s>(%s)", c_type(t), s);
}

static Piece cast(Emit *e, Piece x, DType from, DType to)
{
    static const char *const narrow[NDTYPE] = {[DT_bfloat16] = "bf16",
                                               [DT_float16] = "f16",
                                               [DT_float8_e4m3fn] = "e4m3",
                                               [DT_float8_e5m2] = "e5m2"};
    if (to == DT_bool) return (Piece){emit_f(e, "%s != 0", expr_fit(e, x, P_REL)), P_EQ};
    if (dtype_is_float(to) && !dtype_is_float(from))
        x = expr_primary(static_cast_text(e, DT_float32, x.s));
    if (dtype_is_float(to))
        return narrow[to] ? expr_primary(emit_f(e, "round_%s(%s)", narrow[to], x.s)) : x;
    if (!dtype_is_float(from)) return expr_primary(static_cast_text(e, to, x.s));
    x.s = emit_f(e, "float_to_%s(%s)", dtype_info[to].cls == CLS_U ? "uint" : "int", x.s);
    return expr_primary(dtype_info[to].bits == 32 ? x.s : static_cast_text(e, to, x.s));
}

static Piece bits(Emit *e, const Expr *x)
{
    DType to = x->type, from = x->arg[0]->type;
    const char *v = expr_text(e, x->arg[0], P_COND);
    if (dtype_is_int(to) && dtype_is_int(from)) return expr_primary(static_cast_text(e, to, v));
    if (from == DT_float32 && dtype_is_int(to)) {
        v = emit_f(e, "bits(%s)", v);
        return expr_primary(to == DT_int32 ? static_cast_text(e, to, v) : v);
    }
    if (to == DT_float32 && dtype_is_int(from)) return expr_primary(emit_f(e, "float_of(%s)", v));
    if (from == DT_bfloat16 && dtype_is_int(to))
        return expr_primary(static_cast_text(e, to, emit_f(e, "bf16_bits(%s)", v)));
    if (to == DT_bfloat16 && dtype_is_int(from))
        return expr_primary(emit_f(e, "bf16_value(%s)", v));
    fail(e->cx, E0901, x->span, NULL, "this target does not reinterpret %s as %s",
         dtype_info[from].name, dtype_info[to].name);
}

/* ---- elements ---- */

/* the bracket that is open before s is closed by the last character of s, not earlier */
static bool closes_last(const char *s)
{
    for (int depth = 1; *s; s++) {
        depth += (*s == '(') - (*s == ')');
        if (!depth) return !s[1];
    }
    return false;
}

const char *to_device(Emit *e, DType t, const char *value)
{
    Format f;
    if (!format_of(t, &f))
        fail(e->cx, E0501, (Span){0}, NULL, "no data format of this target holds %s",
             dtype_info[t].name);
    if (f != FMT_BF16) return value;
    if (t == DT_bool) return emit_f(e, "((%s) ? 0x3f80 : 0)", value);
    size_t n = strlen("round_bf16("); /* the bits are rounded anyway */
    if (!strncmp(value, "round_bf16(", n) && closes_last(value + n))
        value = arena_copy(&e->cx->arena, value + n, strlen(value) - n - 1);
    return emit_f(e, "bf16_bits(%s)", value);
}

const char *from_device(Emit *e, DType t, const char *element)
{
    Format f;
    if (!format_of(t, &f))
        fail(e->cx, E0501, (Span){0}, NULL, "no data format of this target holds %s",
             dtype_info[t].name);
    if (f == FMT_BF16) return emit_f(e, t == DT_bool ? "(%s != 0)" : "bf16_value(%s)", element);
    return dtype_is_int(t) && dtype_info[t].bits < 32
               ? emit_f(e, "static_cast<%s>(%s)", c_type(t), element)
               : element;
}

const char *tensor_name(Emit *e, const Buf *b)
{
    int t = plan_tensor(e->plan, b);
    for (int i = 0; i < e->kernel->ntensor; i++)
        if (e->kernel->tensor[i] == t) return name_of(e, b);
    if (e->kernel->ntensor == TT_ARGS)
        fail(e->cx, E0903, b->span, NULL, "more than %d tensors in one kernel", TT_ARGS);
    e->kernel->tensor[e->kernel->ntensor++] = t;
    return name_of(e, b);
}

const char *tensor_page(Emit *e, const Buf *b, Expr *const *idx)
{
    Expr *page = expr_i32(e->cx, 0);
    for (int d = 0; d + 1 < b->ndim; d++)
        page = expr_add(e->cx, expr_mul(e->cx, page, b->dim[d]), idx[d]);
    return expr_text(e, page, P_COND);
}

/* a block variable against the very size that bounds it in the grid */
static bool bounded_by_grid(const Emit *e, const Expr *idx, const Expr *dim)
{
    for (int d = 0; d < e->launch->ngrid; d++)
        if (idx->kind == E_VAR && idx->var == e->launch->block[d] &&
            expr_same(e->launch->grid[d], dim))
            return true;
    return false;
}

const char *below(Emit *e, const Expr *x, const Expr *end, bool not_negative)
{
    return not_negative || expr_not_negative(e, x)
               ? emit_f(e, "%s < %s", expr_text(e, x, P_SHIFT), expr_text(e, end, P_SHIFT))
               : emit_f(e, "static_cast<uint32_t>(%s) < static_cast<uint32_t>(%s)",
                        expr_text(e, x, P_COND), expr_text(e, end, P_COND));
}

const char *both(Emit *e, const char *a, const char *b)
{
    return !a ? b : !b ? a : emit_f(e, "%s && %s", a, b);
}

const char *when(Emit *e, const char *condition)
{
    return condition ? emit_f(e, "if (%s) ", condition) : "";
}

const char *inside(Emit *e, const Buf *b, Expr *const *idx, int skip)
{
    const char *s = NULL;
    for (int d = 0; d < b->ndim; d++) {
        if (d == skip || index_in_bounds(idx[d], b->dim[d], e->scope) ||
            bounded_by_grid(e, idx[d], b->dim[d]))
            continue;
        s = both(e, s, below(e, idx[d], b->dim[d], false));
    }
    return s;
}

const char *scratch(Emit *e, int64_t bytes)
{
    e->scratch_bytes = MAX(e->scratch_bytes, (bytes + TT_ALIGN - 1) / TT_ALIGN * TT_ALIGN);
    return "scratch";
}

const char *element_load(Emit *e, const Buf *b, Expr *const *idx)
{
    Format f = format_needed(e->cx, b);
    const char *ok = inside(e, b, idx, -1);
    const char *load = emit_f(e, "load_element<%s>(%s, %s, %s, %s)", format_info[f].c,
                              tensor_name(e, b), tensor_page(e, b, idx),
                              expr_text(e, idx[b->ndim - 1], P_COND), scratch(e, TT_ALIGN));
    load = from_device(e, b->type, load);
    return ok ? emit_f(e, "(%s ? %s : 0)", ok, load) : load;
}

/* where a tile of this role's own lies */
static bool own_memory(Emit *e, const Buf *b)
{
    return e->role != R_COMPUTE && (b->space == SP_SHARED || b->space == SP_FRAG);
}

const char *element_text(Emit *e, const Buf *b, Expr *const *idx)
{
    if (own_memory(e, b)) {
        Expr *at = expr_i32(e->cx, 0);
        for (int d = 0; d < b->ndim; d++)
            at = expr_add(e->cx, expr_mul(e->cx, at, b->dim[d]), idx[d]);
        return emit_f(e, "%s[%s]", name_of(e, b), expr_text(e, at, P_COND));
    }
    Value *v = value_of(e, b);
    if (!v) fail(e->cx, E0902, b->span, NULL, "'%s' has no place", b->name);
    v->elements |= 1u << e->role;
    const char *r = "0", *c = "0";
    if (b->ndim == 2) {
        r = expr_text(e, idx[0], P_COND);
        c = expr_text(e, idx[1], P_COND);
    } else if (v->place.vertical)
        r = expr_text(e, idx[0], P_COND);
    else
        c = expr_text(e, idx[0], P_COND);
    return emit_f(e, "%s[%s]", name_of(e, b), place_at(e, &v->place, r, c));
}

const char *slot_address(Emit *e, const Buf *slot)
{
    Value *v = value_of(e, slot);
    v->pages |= 1u << e->role;
    if (!(v->elements & 1u << e->role)) return name_of(e, slot);
    return emit_f(e, "%s(%s)", v->pipe->from == e->role ? "get_write_ptr" : "get_read_ptr",
                  e->to->cb[v->cb].name);
}

bool is_tile_load(Emit *e, const Expr *x)
{
    Value *v = x->kind == E_LOAD ? value_of(e, x->buf) : NULL;
    return v && !v->scalar;
}

/* in compute: one word of a control pipe, or of a tile of 32-bit elements */
static const char *compute_load(Emit *e, const Expr *x)
{
    Value *v = value_of(e, x->buf);
    if (!v || format_info[v->place.format].bytes != 4) {
        unlifted(e, x->span, "compute loads an element of '%s'", x->buf->name);
        return "0";
    }
    int64_t at[2] = {0};
    for (int d = 0; d < x->buf->ndim && d < 2; d++)
        if (!expr_const(x->idx[d], &at[d]))
            unlifted(e, x->span,
                     "compute loads an element of '%s' at an index that is not constant",
                     x->buf->name);
    int64_t r = x->buf->ndim == 2   ? at[0]
                : v->place.vertical ? at[0]
                                    : 0,
            c = x->buf->ndim == 2   ? at[1]
                : v->place.vertical ? 0
                                    : at[0];
    int64_t tile = r / 32 * v->place.ct + c / 32,
            in = r % 32 / 16 * 512 + c % 32 / 16 * 256 + r % 16 * 16 + c % 16;
    const char *word = emit_f(e, "read_tile_value(%s, %lld, %lld)", e->to->cb[v->cb].name,
                              (long long)tile, (long long)in);
    if (dtype_is_float(x->type)) return emit_f(e, "float_of(%s)", word);
    return dtype_info[x->type].cls == CLS_U
               ? word
               : emit_f(e, "static_cast<%s>(%s)", c_type(x->type), word);
}

static const char *load_text(Emit *e, const Expr *x)
{
    Buf *b = x->buf;
    if (b->space == SP_LOCAL) {
        const char *s = name_of(e, b);
        for (int d = 0; d < b->ndim; d++)
            s = emit_f(e, "%s[%s]", s, expr_text(e, x->idx[d], P_COND));
        return s;
    }
    if (b->space == SP_GLOBAL || b->space == SP_TEMP) {
        if (e->role != R_COMPUTE) return element_load(e, b, x->idx);
        return "0"; /* before control pipes are there; the checker refuses it afterwards */
    }
    return e->role == R_COMPUTE ? compute_load(e, x)
                                : from_device(e, b->type, element_text(e, b, x->idx));
}

static Piece load(Emit *e, const Expr *x)
{
    return expr_primary(load_text(e, x));
}

static const char *row(Op op)
{
    return op_info[op].c;
}

const Dialect metalium_dialect = {
    .target = "metalium",
    .inf = {"__builtin_inff()"},
    .nan = {"__builtin_nanf(\"\")"},
    .min32 = "(-2147483647 - 1)",
    .min64 = "(-9223372036854775807ll - 1)",
    .wide = "",
    .no_double = true,
    .row = row,
    .cast = cast,
    .bits = bits,
    .load = load,
};
