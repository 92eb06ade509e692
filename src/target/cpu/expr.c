/* Values and elements as C. What expressions share with other targets is in target/expr.c; here are
   the types, the conversions, the checks around operands, and the places of elements. */
#include "target/cpu/cpu.h"
#include <string.h>

/* ---- types ---------------------------------------------------------------------------------- */

DType cpu_num(DType t)
{
    if (dtype_is_narrow(t)) return DT_float32;
    return dtype_info[t].bits < 32 ? DT_int32 : t; /* as C promotes */
}

const char *cpu_short(DType t)
{
    static const char *const name[NDTYPE] = {
        [DT_none] = "none",   [DT_bool] = "bool",          [DT_int8] = "i8",
        [DT_int16] = "i16",   [DT_int32] = "i32",          [DT_int64] = "i64",
        [DT_uint8] = "u8",    [DT_uint16] = "u16",         [DT_uint32] = "u32",
        [DT_uint64] = "u64",  [DT_float8_e4m3fn] = "e4m3", [DT_float8_e5m2] = "e5m2",
        [DT_float16] = "f16", [DT_bfloat16] = "bf16",      [DT_float32] = "f32",
        [DT_float64] = "f64",
    };
    return name[t] ? name[t] : dtype_info[t].name; /* a type without a text is refused before */
}

const char *cpu_value_type(DType t)
{
    if (t == DT_bool) return "bool";
    if (t == DT_int32) return "int";
    return dtype_is_narrow(t) ? "float" : dtype_info[t].c;
}

const char *cpu_elem_type(Emit *e, DType t)
{
    if (dtype_is_narrow(t)) cpu_need(e, cpu_short(t), DT_none, DT_none);
    return dtype_info[t].c;
}

const char *cpu_zero(Emit *e, DType t)
{
    return dtype_is_narrow(t) ? emit_f(e, "(%s){0}", cpu_elem_type(e, t)) : "0";
}

/* ---- conversions ---------------------------------------------------------------------------- */

/* a float that can be rounded to a narrow type in one step */
static const char *to_float(Emit *e, Piece x, DType from)
{
    if (from != DT_float64 && (dtype_is_float(from) || dtype_info[from].bits < 32)) return x.s;
    cpu_need(e, "odd", DT_none, DT_none);
    return emit_f(e, "k_odd(%s)", expr_fit(e, x, P_COND));
}

Piece cpu_cast(Emit *e, Piece x, DType from, DType to)
{
    if (from == to || (dtype_is_narrow(from) && to == DT_float32)) return x;
    if (to == DT_bool) return (Piece){emit_f(e, "%s != 0", expr_fit(e, x, P_ADD)), P_EQ};
    if (dtype_is_narrow(to)) {
        cpu_need(e, cpu_short(to), DT_none, DT_none);
        return expr_primary(emit_f(e, "%s_round(%s)", cpu_short(to), to_float(e, x, from)));
    }
    return expr_ctype(e, cpu_value_type(to), x);
}

const char *cpu_to_elem(Emit *e, const char *value, DType from, DType to)
{
    if (!dtype_is_narrow(to)) return cpu_cast(e, (Piece){value, P_COND}, from, to).s;
    cpu_need(e, cpu_short(to), DT_none, DT_none);
    return emit_f(e, "%s_from(%s)", cpu_short(to), to_float(e, (Piece){value, P_COND}, from));
}

const char *cpu_from_elem(Emit *e, const char *place, DType t)
{
    if (!dtype_is_narrow(t)) return place;
    cpu_need(e, cpu_short(t), DT_none, DT_none);
    return emit_f(e, "%s_to(%s)", cpu_short(t), place);
}

static Piece bits_piece(Emit *e, const Expr *x)
{
    DType from = x->arg[0]->type, to = x->type;
    const char *v = expr_text(e, x->arg[0], P_COND), *raw;
    bool wide = dtype_info[from].bits == 64;
    if (dtype_is_narrow(from)) {
        cpu_need(e, cpu_short(from), DT_none, DT_none);
        raw = emit_f(e, "%s_from(%s).bits", cpu_short(from), v);
    } else if (dtype_is_float(from)) {
        cpu_need(e, wide ? "bits64" : "bits", DT_none, DT_none);
        raw = emit_f(e, "%s(%s)", wide ? "k_bits64" : "k_bits", v);
    } else {
        raw = v;
    }
    if (dtype_is_narrow(to)) {
        cpu_need(e, cpu_short(to), DT_none, DT_none);
        return expr_primary(emit_f(e, "%s_to((%s){(uint%d_t)(%s)})", cpu_short(to),
                                   dtype_info[to].c, dtype_info[to].bits, raw));
    }
    if (dtype_is_float(to)) {
        cpu_need(e, wide ? "bits64" : "bits", DT_none, DT_none);
        return expr_primary(emit_f(e, "%s(%s)", wide ? "k_double" : "k_float", raw));
    }
    const char *natural = wide ? "uint64_t" : dtype_info[from].bits == 32 ? "uint32_t" : "";
    return strcmp(natural, dtype_info[to].c)
               ? (Piece){emit_f(e, "(%s)%s", cpu_value_type(to), raw), P_UNARY}
               : expr_primary(raw);
}

/* ---- operations -----------------------------------------------------------------------------
 */

/* A function that a row calls, for operands of type t: k_max is k_max_f32 of the prelude; expf is
 * k_exp_f32 when the prelude has one that vectorises, and exp for doubles. */
static const char *function_for(Emit *e, const char *name, DType operands)
{
    DType t = cpu_num(operands);
    size_t n = strlen(name);
    const DTypeInfo *d = &dtype_info[t];
    if (!strncmp(name, "k_", 2)) {
        const char *kind = d->cls == CLS_F ? "-float" : d->cls == CLS_U ? "-unsigned" : "";
        const char *section = emit_f(e, "%s%s", name + 2, kind);
        cpu_need(e, cpu_has(section) ? section : name + 2, t, DT_none);
        return emit_f(e, "%s_%s", name, cpu_short(t));
    }
    if (name[n - 1] != 'f' || d->cls != CLS_F) return name;
    const char *stem = emit_f(e, "%.*s", (int)n - 1, name);
    if (t == DT_float64) return stem;
    if (!cpu_has(stem)) return name;
    cpu_need(e, stem, DT_none, DT_none);
    return emit_f(e, "k_%s_f32", stem);
}

/* a divisor that may be 0 is looked at where it is used */
static Piece divisor(Emit *e, const Expr *x, Piece p)
{
    Range r = expr_range(x, e->scope);
    if (r.known && (r.lo > 0 || r.hi < 0)) return p;
    DType t = cpu_num(x->type);
    cpu_need(e, "nonzero", t, DT_none);
    return expr_primary(emit_f(e, "k_nonzero_%s(%s, &fault, %d)", cpu_short(t), p.s,
                               cpu_fault(e, E0613, x->span, "division by zero")));
}

/* a count that may be as great as the width is looked at where it is used */
static Piece shift_count(Emit *e, const Expr *x, Piece by)
{
    Range r = expr_range(x->arg[1], e->scope);
    int bits = dtype_info[x->type].bits;
    if (r.known && r.lo >= 0 && r.hi < bits) return by;
    cpu_need(e, "within", DT_none, DT_none);
    int code =
        cpu_fault(e, E0613, x->span,
                  emit_f(e, "a shift of %s by %d bits or more", dtype_info[x->type].name, bits));
    return expr_primary(emit_f(e, "k_within(%s, %d, &fault, %d)", by.s, bits, code));
}

static Piece operand(Emit *e, const Expr *x, int i, Piece p)
{
    bool divides = x->op == OP_floordiv || x->op == OP_floormod || x->op == OP_div;
    if (i == 1 && op_info[x->op].rule == RULE_shift) return shift_count(e, x, p);
    return i == 1 && divides && dtype_is_int(cpu_num(x->arg[0]->type)) ? divisor(e, x->arg[1], p)
                                                                       : p;
}

/* ---- elements ------------------------------------------------------------------------------- */

/* the source's line, as messages name it */
static const char *place_text(Emit *e, Span at)
{
    if (!at.file || (int)at.file >= e->cx->nsource + 1 || !e->cx->source[at.file])
        return e->launch->name;
    int line, col;
    span_line_col(e->cx, at, &line, &col);
    const char *path = e->cx->source[at.file]->path, *slash = strrchr(path, '/');
    return emit_f(e, "%s:%d", slash ? slash + 1 : path, line);
}

int cpu_fault(Emit *e, ErrCode code, Span at, const char *text)
{
    e->faults = true;
    const char *s = emit_f(e, "%s: %s", place_text(e, at), text);
    for (int i = 0; i < e->nfault; i++)
        if (!strcmp(e->fault[i], s)) return i + 1;
    if (e->nfault == MAXFAULT)
        fail(e->cx, E0903, at, "divide the program", "more than %d accesses that need a check",
             MAXFAULT);
    e->fault_code[e->nfault] = code;
    e->fault[e->nfault++] = s;
    return e->nfault;
}

static const char *both(Emit *e, const char *a, const char *b)
{
    return a ? emit_f(e, "%s && %s", a, b) : b;
}

static const char *tile_index(Emit *e, const Buf *b, int d, Piece idx, bool proved, Span at)
{
    if (proved) return idx.s;
    int code = cpu_fault(e, E0611, at,
                         emit_f(e, "index %d of '%s' is not inside of its %s elements", d, b->name,
                                expr_text(e, b->dim[d], P_COND)));
    cpu_need(e, "within", DT_none, DT_none);
    return emit_f(e, "k_within(%s, %s, &fault, %d)", idx.s, expr_text(e, b->dim[d], P_COND), code);
}

const char *cpu_place(Emit *e, const Buf *b, const Piece *idx, const bool *proved, Span at,
                      const char **guard)
{
    *guard = NULL;
    const char *name = name_of(e, b);
    if (!name)
        fail(e->cx, E0902, at.file ? at : b->span, NULL,
             "buffer '%s' is used where it is not declared", b->name);
    if (is_variable(b)) return name;
    Text t = text_new(&e->cx->arena);
    if (!is_tensor(b)) {
        text_add(&t, "%s%s", b->space == SP_LOCAL ? "" : "my->", name);
        for (int d = 0; d < b->ndim; d++)
            text_add(&t, "[%s]", tile_index(e, b, d, idx[d], proved[d], at));
        return t.s;
    }
    for (int d = 0; d < b->ndim; d++) {
        if (proved[d]) continue;
        cpu_need(e, "in", DT_none, DT_none);
        *guard =
            both(e, *guard, emit_f(e, "k_in(%s, %s)", idx[d].s, expr_text(e, b->dim[d], P_COND)));
    }
    text_add(&t, "%s[%s]", name, expr_linear(e, b, idx).s);
    return t.s;
}

bool cpu_proved(const Emit *e, const Expr *idx, const Expr *dim)
{
    for (int i = 0; i < e->nknown; i++)
        if (expr_same(e->known[i].idx, idx) && expr_same(e->known[i].dim, dim)) return true;
    const Launch *l = e->launch; /* a block of a grid that is as long as the dimension */
    for (int d = 0; l && idx->kind == E_VAR && d < l->ngrid; d++)
        if (l->block[d] == idx->var && expr_same(l->grid[d], dim)) return true;
    return index_in_bounds(idx, dim, e->scope);
}

const char *cpu_element(Emit *e, const Buf *b, Expr *const *idx, Span at, const char **guard)
{
    Piece p[MAXDIM];
    bool proved[MAXDIM];
    for (int d = 0; d < b->ndim; d++) {
        p[d] = expr_piece(e, idx[d]);
        proved[d] = cpu_proved(e, idx[d], b->dim[d]);
    }
    return cpu_place(e, b, p, proved, at, guard);
}

static Piece guarded_piece(Emit *e, const char *guard, const char *value, const char *otherwise)
{
    return guard ? (Piece){emit_f(e, "%s ? %s : %s", guard, value, otherwise), P_COND}
                 : expr_primary(value);
}

static Piece load_piece(Emit *e, const Expr *x)
{
    const char *guard, *place = cpu_element(e, x->buf, x->idx, x->span, &guard);
    return guarded_piece(e, guard, is_variable(x->buf) ? place : cpu_from_elem(e, place, x->type),
                         "0");
}

/* An element is rounded when it is stored: an operation or a cast to its type need not do it
   before. An element that only moves keeps its bits. */
const char *cpu_store_value(Emit *e, const Expr *x, DType t)
{
    if (x->type == t && dtype_is_narrow(t)) {
        if (x->kind == E_LOAD && !is_variable(x->buf)) {
            const char *guard, *place = cpu_element(e, x->buf, x->idx, x->span, &guard);
            return guarded_piece(e, guard, place, cpu_zero(e, t)).s;
        }
        if (x->kind == E_OP && op_info[x->op].rule != RULE_select)
            return cpu_to_elem(e, expr_raw(e, x).s, cpu_num(t), t);
        if (x->kind == E_CAST)
            return cpu_to_elem(e, expr_text(e, x->arg[0], P_COND), x->arg[0]->type, t);
        if (t == DT_float8_e5m2) { /* rounded already: an infinity stays one */
            cpu_need(e, "e5m2", DT_none, DT_none);
            return emit_f(e, "e5m2_keep(%s)", expr_text(e, x, P_COND));
        }
    }
    return cpu_to_elem(e, expr_text(e, x, P_COND), x->type, t);
}

static const char *row(Op op)
{
    return op_info[op].c;
}

const Dialect cpu_dialect = {
    .target = "cpu",
    .inf = {"INFINITY", "INFINITY"},
    .nan = {"NAN", "NAN"},
    .min32 = "INT32_MIN",
    .min64 = "INT64_MIN",
    .wide = "(int64_t)",
    .row = row,
    .function = function_for,
    .operand = operand,
    .cast = cpu_cast,
    .bits = bits_piece,
    .load = load_piece,
};
