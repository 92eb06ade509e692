/* Expressions of indices and scalars in C++: the same in all roles. Floats are held as float,
 * already rounded to their own type. */
#include "target/metalium/metalium.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- variables ---- */

void note_used(Emit *e, const void *what)
{
    if (is_used(e, what)) return;
    if (e->nused == MAXNAMED)
        fail(e->cx, E0903, (Span){0}, NULL, "more than %d variables in one kernel", MAXNAMED);
    e->used[e->nused++] = what;
}

bool is_used(const Emit *e, const void *what)
{
    for (int i = 0; i < e->nused; i++)
        if (e->used[i] == what) return true;
    return false;
}

const char *c_type(DType t)
{
    if (dtype_is_float(t)) return "float";
    return t == DT_bool ? "bool" : dtype_info[t].c;
}

/* ---- literals ---- */

static const char *float_text(Cx *cx, double v)
{
    if (isnan(v)) return "__builtin_nanf(\"\")";
    if (isinf(v)) return v < 0 ? "-__builtin_inff()" : "__builtin_inff()";
    const char *s = NULL;
    for (int digits = 6; digits <= 9; digits++) {
        s = arena_printf(&cx->arena, "%.*g", digits, v);
        if ((float)strtod(s, NULL) == (float)v) break;
    }
    return arena_printf(&cx->arena, strpbrk(s, ".e") ? "%sf" : "%s.0f", s);
}

static const char *int_text(Cx *cx, int64_t v, DType t)
{
    if (t == DT_bool) return v ? "true" : "false";
    if (v == INT32_MIN) return "(-2147483647 - 1)";
    if (v == INT64_MIN) return "(-9223372036854775807LL - 1)";
    if (dtype_info[t].cls == CLS_U)
        return arena_printf(&cx->arena, t == DT_uint64 ? "%lluULL" : "%lluu",
                            (unsigned long long)v);
    return arena_printf(&cx->arena, dtype_info[t].bits > 32 ? "%lldLL" : "%lld", (long long)v);
}

/* ---- operators ---- */

typedef struct {
    Op op;
    const char *text;
    Prec prec;
} Infix;
static const Infix infix[] = {
    {OP_add, "+", P_ADD},     {OP_sub, "-", P_ADD},    {OP_mul, "*", P_MUL},
    {OP_div, "/", P_MUL},     {OP_lt, "<", P_REL},     {OP_le, "<=", P_REL},
    {OP_gt, ">", P_REL},      {OP_ge, ">=", P_REL},    {OP_eq, "==", P_EQ},
    {OP_ne, "!=", P_EQ},      {OP_and, "&&", P_AND},   {OP_or, "||", P_OR},
    {OP_band, "&", P_BITAND}, {OP_bor, "|", P_BITOR},  {OP_bxor, "^", P_BITXOR},
    {OP_shl, "<<", P_SHIFT},  {OP_shr, ">>", P_SHIFT},
};

static const Infix *infix_of(Op op)
{
    for (int i = 0; i < COUNT(infix); i++)
        if (infix[i].op == op) return &infix[i];
    return NULL;
}

/* a + (b + c) is a + b + c */
static bool associates(const Expr *x)
{
    const Expr *b = x->arg[1];
    if (!dtype_is_int(x->type) || b->kind != E_OP || b->type != x->type) return false;
    return (x->op == OP_add && (b->op == OP_add || b->op == OP_sub)) ||
           (x->op == OP_mul && b->op == OP_mul);
}

static bool not_negative(const Emit *e, const Expr *x)
{
    Range r = expr_range(x, e->scope);
    return r.known && r.lo >= 0;
}

/* the value of an operation, rounded or wrapped to a type that C++ would compute wider */
static const char *fit(Emit *e, DType t, const char *s)
{
    Arena *a = &e->cx->arena;
    switch (t) {
    case DT_bfloat16: return arena_printf(a, "round_bf16(%s)", s);
    case DT_float16: return arena_printf(a, "round_f16(%s)", s);
    case DT_float8_e4m3fn: return arena_printf(a, "round_e4m3(%s)", s);
    case DT_float8_e5m2: return arena_printf(a, "round_e5m2(%s)", s);
    case DT_int8:
    case DT_int16:
    case DT_uint8:
    case DT_uint16: return arena_printf(a, "static_cast<%s>(%s)", c_type(t), s);
    default: return NULL;
    }
}

static const char *wrapped(Emit *e, const char *s, Prec own, Prec outer)
{
    return own < outer ? arena_printf(&e->cx->arena, "(%s)", s) : s;
}

/* does operand i stand between commas and brackets of a call? */
static bool is_argument(const char *row, int i)
{
    const char *at = strchr(row, '$');
    while (at && at[1] != '0' + i) at = strchr(at + 1, '$');
    if (!at || at == row) return false;
    bool opens =
        (at[-1] == '(' && at - 1 > row) || (at - row > 1 && at[-1] == ' ' && at[-2] == ',');
    return opens && (at[2] == ',' || at[2] == ')');
}

static const char *op_text(Emit *e, const Expr *x, Prec outer)
{
    Arena *a = &e->cx->arena;
    Expr *const *arg = x->arg;
    const Infix *f = infix_of(x->op);
    const char *s = NULL;
    Prec prec = P_PRIMARY;
    bool natural = (x->op == OP_floordiv || x->op == OP_floormod) && not_negative(e, arg[0]) &&
                   not_negative(e, arg[1]);
    if (f || natural) {
        prec = f ? f->prec : P_MUL;
        s = arena_printf(a, "%s %s %s", expr_text(e, arg[0], prec),
                         f                      ? f->text
                         : x->op == OP_floordiv ? "/"
                                                : "%",
                         expr_text(e, arg[1], associates(x) ? prec : (Prec)(prec + 1)));
    } else if (x->op == OP_select) {
        prec = P_COND;
        s = arena_printf(a, "%s ? %s : %s", expr_text(e, arg[0], P_OR), expr_text(e, arg[1], P_OR),
                         expr_text(e, arg[2], P_COND));
    } else if (x->op == OP_neg) {
        prec = P_UNARY;
        s = arena_printf(a, "-%s", expr_text(e, arg[0], P_PRIMARY));
    } else {
        const char *in[3] = {0};
        for (int i = 0; i < op_info[x->op].nargs && op_info[x->op].c; i++)
            in[i] = expr_text(e, arg[i], is_argument(op_info[x->op].c, i) ? P_COND : P_UNARY);
        if (!op_info[x->op].c)
            fail(e->cx, E0501, x->span, NULL, "there is no scalar code for '%s'",
                 op_info[x->op].name);
        Text t = text_new(a);
        emit_op(&t, op_info[x->op].c, in);
        s = t.s;
    }
    const char *narrow = fit(e, x->type, s);
    return narrow ? narrow : wrapped(e, s, prec, outer);
}

static const char *cast_text(Emit *e, const Expr *x, Prec outer)
{
    Arena *a = &e->cx->arena;
    const Expr *from = x->arg[0];
    DType t = x->type, f = from->type;
    if (t == DT_bool)
        return wrapped(e, arena_printf(a, "%s != 0", expr_text(e, from, P_REL)), P_EQ, outer);
    if (dtype_is_float(t)) {
        const char *v = dtype_is_float(f)
                            ? expr_text(e, from, P_COND)
                            : arena_printf(a, "static_cast<float>(%s)", expr_text(e, from, P_COND));
        const char *r = fit(e, t, v);
        return r ? r : dtype_is_float(f) ? expr_text(e, from, outer) : v;
    }
    if (dtype_is_float(f)) {
        const char *v =
            arena_printf(a, "float_to_%s(%s)", dtype_info[t].cls == CLS_U ? "uint" : "int",
                         expr_text(e, from, P_COND));
        return dtype_info[t].bits == 32 ? v : arena_printf(a, "static_cast<%s>(%s)", c_type(t), v);
    }
    return arena_printf(a, "static_cast<%s>(%s)", c_type(t), expr_text(e, from, P_COND));
}

static const char *bits_text(Emit *e, const Expr *x)
{
    Arena *a = &e->cx->arena;
    DType t = x->type, f = x->arg[0]->type;
    const char *v = expr_text(e, x->arg[0], P_COND);
    if (dtype_is_int(t) && dtype_is_int(f))
        return arena_printf(a, "static_cast<%s>(%s)", c_type(t), v);
    if (f == DT_float32 && dtype_is_int(t))
        return arena_printf(a, t == DT_int32 ? "static_cast<int32_t>(bits(%s))" : "bits(%s)", v);
    if (t == DT_float32 && dtype_is_int(f)) return arena_printf(a, "float_of(%s)", v);
    if (f == DT_bfloat16 && dtype_is_int(t))
        return arena_printf(a, "static_cast<%s>(bf16_bits(%s))", c_type(t), v);
    if (t == DT_bfloat16 && dtype_is_int(f)) return arena_printf(a, "bf16_value(%s)", v);
    fail(e->cx, E0901, x->span, NULL, "this target does not reinterpret %s as %s",
         dtype_info[f].name, dtype_info[t].name);
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
    if (t == DT_bool) return arena_printf(&e->cx->arena, "((%s) ? 0x3f80 : 0)", value);
    size_t n = strlen("round_bf16("); /* the bits are rounded anyway */
    if (!strncmp(value, "round_bf16(", n) && closes_last(value + n))
        value = arena_copy(&e->cx->arena, value + n, strlen(value) - n - 1);
    return arena_printf(&e->cx->arena, "bf16_bits(%s)", value);
}

const char *from_device(Emit *e, DType t, const char *element)
{
    Format f;
    if (!format_of(t, &f))
        fail(e->cx, E0501, (Span){0}, NULL, "no data format of this target holds %s",
             dtype_info[t].name);
    if (f == FMT_BF16)
        return arena_printf(&e->cx->arena, t == DT_bool ? "(%s != 0)" : "bf16_value(%s)", element);
    return dtype_is_int(t) && dtype_info[t].bits < 32
               ? arena_printf(&e->cx->arena, "static_cast<%s>(%s)", c_type(t), element)
               : element;
}

const char *tensor_name(Emit *e, const Buf *b)
{
    int t = plan_tensor(e->plan, b);
    for (int i = 0; i < e->kernel->ntensor; i++)
        if (e->kernel->tensor[i] == t) return name_of(&e->names, b);
    if (e->kernel->ntensor == TT_ARGS)
        fail(e->cx, E0903, b->span, NULL, "more than %d tensors in one kernel", TT_ARGS);
    e->kernel->tensor[e->kernel->ntensor++] = t;
    return name_of(&e->names, b);
}

static Format format_or_fail(Emit *e, const Buf *b)
{
    Format f;
    if (!format_of(b->type, &f))
        fail(e->cx, E0901, b->span, NULL,
             "'%s' has type %s, which no data format of this target holds", b->name,
             dtype_info[b->type].name);
    return f;
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

const char *inside(Emit *e, const Buf *b, Expr *const *idx, int skip)
{
    const char *s = NULL;
    for (int d = 0; d < b->ndim; d++) {
        if (d == skip || index_in_bounds(idx[d], b->dim[d], e->scope) ||
            bounded_by_grid(e, idx[d], b->dim[d]))
            continue;
        const char *one =
            not_negative(e, idx[d])
                ? arena_printf(&e->cx->arena, "%s < %s", expr_text(e, idx[d], P_SHIFT),
                               expr_text(e, b->dim[d], P_SHIFT))
                : arena_printf(&e->cx->arena,
                               "static_cast<uint32_t>(%s) < static_cast<uint32_t>(%s)",
                               expr_text(e, idx[d], P_COND), expr_text(e, b->dim[d], P_COND));
        s = s ? arena_printf(&e->cx->arena, "%s && %s", s, one) : one;
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
    Arena *a = &e->cx->arena;
    Format f = format_or_fail(e, b);
    const char *ok = inside(e, b, idx, -1);
    const char *load = arena_printf(a, "load_element<%s>(%s, %s, %s, %s)", format_info[f].c,
                                    tensor_name(e, b), tensor_page(e, b, idx),
                                    expr_text(e, idx[b->ndim - 1], P_COND), scratch(e, TT_ALIGN));
    load = from_device(e, b->type, load);
    return ok ? arena_printf(a, "(%s ? %s : 0)", ok, load) : load;
}

/* where a tile of this role's own lies */
static bool own_memory(Emit *e, const Buf *b)
{
    return e->role != R_COMPUTE && (b->space == SP_SHARED || b->space == SP_FRAG);
}

const char *element_text(Emit *e, const Buf *b, Expr *const *idx)
{
    Arena *a = &e->cx->arena;
    if (own_memory(e, b)) {
        Expr *at = expr_i32(e->cx, 0);
        for (int d = 0; d < b->ndim; d++)
            at = expr_add(e->cx, expr_mul(e->cx, at, b->dim[d]), idx[d]);
        note_used(e, b);
        return arena_printf(a, "%s[%s]", name_of(&e->names, b), expr_text(e, at, P_COND));
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
    return arena_printf(a, "%s[%s]", name_of(&e->names, b), place_at(e, &v->place, r, c));
}

const char *slot_address(Emit *e, const Buf *slot)
{
    Value *v = value_of(e, slot);
    v->pages |= 1u << e->role;
    if (!(v->elements & 1u << e->role)) return name_of(&e->names, slot);
    return arena_printf(&e->cx->arena, "%s(%s)",
                        v->pipe->from == e->role ? "get_write_ptr" : "get_read_ptr",
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
    Arena *a = &e->cx->arena;
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
    const char *word = arena_printf(a, "read_tile_value(%s, %lld, %lld)", e->to->cb[v->cb].name,
                                    (long long)tile, (long long)in);
    if (dtype_is_float(x->type)) return arena_printf(a, "float_of(%s)", word);
    return dtype_info[x->type].cls == CLS_U
               ? word
               : arena_printf(a, "static_cast<%s>(%s)", c_type(x->type), word);
}

static const char *load_text(Emit *e, const Expr *x)
{
    Arena *a = &e->cx->arena;
    Buf *b = x->buf;
    if (b->space == SP_LOCAL) {
        const char *s = name_of(&e->names, b);
        note_used(e, b);
        for (int d = 0; d < b->ndim; d++)
            s = arena_printf(a, "%s[%s]", s, expr_text(e, x->idx[d], P_COND));
        return s;
    }
    if (b->space == SP_GLOBAL || b->space == SP_TEMP) {
        if (e->role != R_COMPUTE) return element_load(e, b, x->idx);
        return "0"; /* before control pipes are there; the checker refuses it afterwards */
    }
    return e->role == R_COMPUTE ? compute_load(e, x)
                                : from_device(e, b->type, element_text(e, b, x->idx));
}

const char *expr_text(Emit *e, const Expr *x, Prec outer)
{
    switch (x->kind) {
    case E_INT: {
        const char *s = int_text(e->cx, x->i, x->type);
        return wrapped(e, s, *s == '-' ? P_UNARY : P_PRIMARY, outer);
    }
    case E_FLOAT: {
        const char *s = float_text(e->cx, x->f);
        return wrapped(e, s, *s == '-' ? P_UNARY : P_PRIMARY, outer);
    }
    case E_VAR: {
        const char *name = name_of(&e->names, x->var);
        note_used(e, x->var);
        if (!name && e->prog)
            fail(e->cx, E0902, x->span, NULL, "'%s' is not bound in this role", x->var->name);
        return name ? name
                    : x->var->name; /* before there is a program: only asked whether it lifts */
    }
    case E_OP: return op_text(e, x, outer);
    case E_CAST: return cast_text(e, x, outer);
    case E_BITS: return bits_text(e, x);
    case E_LOAD: return load_text(e, x);
    case E_CALL: fail(e->cx, E0902, x->span, NULL, "a call reached a target that has none");
    }
    return "0";
}
