/* Expressions and element accesses as C. A value is held in a type C can compute with (narrow
   floats as float, rounded after each operation as their type says); an element in memory has the
   type of the table. Parentheses stand only where C or its readers want them. */
#include "target/cpu/cpu.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cpu_f(Emit *e, const char *fmt, ...)
{
    va_list ap;
    Text t = text_new(&e->cx->arena);
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    return t.s;
}

static Piece primary(const char *s)
{
    return (Piece){s, P_PRIMARY};
}

const char *cpu_fit(Emit *e, Piece p, Prec least)
{
    return p.prec < least ? cpu_f(e, "(%s)", p.s) : p.s;
}

/* ---- types ---------------------------------------------------------------------------------- */

static bool narrow(DType t)
{
    return dtype_is_float(t) && dtype_info[t].bits < 32;
}

DType cpu_num(DType t)
{
    if (narrow(t)) return DT_float32;
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
    return narrow(t) ? "float" : dtype_info[t].c;
}

const char *cpu_elem_type(Emit *e, DType t)
{
    if (narrow(t)) cpu_need(e, cpu_short(t), DT_none, DT_none);
    return dtype_info[t].c;
}

bool cpu_is_global(const Buf *b)
{
    return b->space == SP_GLOBAL || b->space == SP_TEMP;
}

static bool is_variable(const Buf *b)
{
    return b->space == SP_LOCAL && b->ndim == 0;
}

/* ---- constants ------------------------------------------------------------------------------ */

static Piece int_piece(Emit *e, int64_t v, DType t)
{
    if (t == DT_bool) return primary(v ? "true" : "false");
    if (t == DT_uint64) return primary(cpu_f(e, "%" PRIu64 "ull", (uint64_t)v));
    if (t == DT_int32 && v == INT32_MIN) return primary("INT32_MIN");
    if (t == DT_int64 && v == INT64_MIN) return primary("INT64_MIN");
    const char *suffix = t == DT_int64 ? "ll" : t == DT_uint32 ? "u" : "";
    return (Piece){cpu_f(e, "%" PRId64 "%s", v, suffix), v < 0 ? P_UNARY : P_PRIMARY};
}

static Piece float_piece(Emit *e, double v, DType t)
{
    if (isnan(v)) return primary("NAN");
    if (isinf(v)) return v < 0 ? (Piece){"-INFINITY", P_UNARY} : primary("INFINITY");
    char s[64];
    bool plain = fabs(v) >= 1e-4 && fabs(v) < 1e9; /* 30.0 rather than 3e+01 */
    for (int digits = 1; digits <= 17; digits++) { /* the shortest that reads back */
        snprintf(s, sizeof s, "%.*g", digits, v);
        bool same = t == DT_float64 ? strtod(s, NULL) == v : strtof(s, NULL) == (float)v;
        if (same && !(plain && strchr(s, 'e'))) break;
    }
    const char *point = strpbrk(s, ".e") ? "" : ".0", *suffix = t == DT_float64 ? "" : "f";
    return (Piece){cpu_f(e, "%s%s%s", s, point, suffix), signbit(v) ? P_UNARY : P_PRIMARY};
}

const char *cpu_zero(Emit *e, DType t)
{
    return narrow(t) ? cpu_f(e, "(%s){0}", cpu_elem_type(e, t)) : "0";
}

/* ---- conversions ---------------------------------------------------------------------------- */

/* a float that can be rounded to a narrow type in one step */
static const char *to_float(Emit *e, Piece x, DType from)
{
    if (from != DT_float64 && (dtype_is_float(from) || dtype_info[from].bits < 32)) return x.s;
    cpu_need(e, "odd", DT_none, DT_none);
    return cpu_f(e, "k_odd(%s)", cpu_fit(e, x, P_COND));
}

Piece cpu_cast(Emit *e, Piece x, DType from, DType to)
{
    if (from == to || (narrow(from) && to == DT_float32)) return x;
    if (to == DT_bool) return (Piece){cpu_f(e, "%s != 0", cpu_fit(e, x, P_ADD)), P_EQ};
    if (narrow(to)) {
        cpu_need(e, cpu_short(to), DT_none, DT_none);
        return primary(cpu_f(e, "%s_round(%s)", cpu_short(to), to_float(e, x, from)));
    }
    return (Piece){cpu_f(e, "(%s)%s", cpu_value_type(to), cpu_fit(e, x, P_UNARY)), P_UNARY};
}

const char *cpu_to_elem(Emit *e, const char *value, DType from, DType to)
{
    if (!narrow(to)) return cpu_cast(e, (Piece){value, P_COND}, from, to).s;
    cpu_need(e, cpu_short(to), DT_none, DT_none);
    return cpu_f(e, "%s_from(%s)", cpu_short(to), to_float(e, (Piece){value, P_COND}, from));
}

const char *cpu_from_elem(Emit *e, const char *place, DType t)
{
    if (!narrow(t)) return place;
    cpu_need(e, cpu_short(t), DT_none, DT_none);
    return cpu_f(e, "%s_to(%s)", cpu_short(t), place);
}

static Piece bits_piece(Emit *e, const Expr *x)
{
    DType from = x->arg[0]->type, to = x->type;
    const char *v = cpu_value(e, x->arg[0]), *raw;
    bool wide = dtype_info[from].bits == 64;
    if (narrow(from)) {
        cpu_need(e, cpu_short(from), DT_none, DT_none);
        raw = cpu_f(e, "%s_from(%s).bits", cpu_short(from), v);
    } else if (dtype_is_float(from)) {
        cpu_need(e, wide ? "bits64" : "bits", DT_none, DT_none);
        raw = cpu_f(e, "%s(%s)", wide ? "k_bits64" : "k_bits", v);
    } else {
        raw = v;
    }
    if (narrow(to)) {
        cpu_need(e, cpu_short(to), DT_none, DT_none);
        return primary(cpu_f(e, "%s_to((%s){(uint%d_t)(%s)})", cpu_short(to), dtype_info[to].c,
                             dtype_info[to].bits, raw));
    }
    if (dtype_is_float(to)) {
        cpu_need(e, wide ? "bits64" : "bits", DT_none, DT_none);
        return primary(cpu_f(e, "%s(%s)", wide ? "k_double" : "k_float", raw));
    }
    const char *natural = wide ? "uint64_t" : dtype_info[from].bits == 32 ? "uint32_t" : "";
    return strcmp(natural, dtype_info[to].c)
               ? (Piece){cpu_f(e, "(%s)%s", cpu_value_type(to), raw), P_UNARY}
               : primary(raw);
}

/* ---- the text of an operation --------------------------------------------------------------- */

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A function that the row of an operation calls, for operands of type t: k_max is k_max_f32 of the
   prelude; expf is k_exp_f32 when the prelude has one that vectorises, and exp for doubles. */
static const char *function_for(Emit *e, const char *name, DType t)
{
    size_t n = strlen(name);
    const DTypeInfo *d = &dtype_info[t];
    if (!strncmp(name, "k_", 2)) {
        const char *kind = d->cls == CLS_F ? "-float" : d->cls == CLS_U ? "-unsigned" : "";
        const char *section = cpu_f(e, "%s%s", name + 2, kind);
        cpu_need(e, cpu_has(section) ? section : name + 2, t, DT_none);
        return cpu_f(e, "%s_%s", name, cpu_short(t));
    }
    if (name[n - 1] != 'f' || d->cls != CLS_F) return name;
    const char *stem = cpu_f(e, "%.*s", (int)n - 1, name);
    if (t == DT_float64) return stem;
    if (!cpu_has(stem)) return name;
    cpu_need(e, stem, DT_none, DT_none);
    return cpu_f(e, "k_%s_f32", stem);
}

/* the operators that rows of ops.def are made of; `inner`: how strongly an operand must bind so
 * that no reader stumbles */
static const struct {
    const char *text;
    Prec prec, left, right;
} binary[] = {
    {" * ", P_MUL, P_MUL, P_UNARY},      {" / ", P_MUL, P_MUL, P_UNARY},
    {" % ", P_MUL, P_MUL, P_UNARY},      {" + ", P_ADD, P_ADD, P_MUL},
    {" - ", P_ADD, P_ADD, P_MUL},        {" << ", P_SHIFT, P_UNARY, P_UNARY},
    {" >> ", P_SHIFT, P_UNARY, P_UNARY}, {" < ", P_REL, P_ADD, P_ADD},
    {" <= ", P_REL, P_ADD, P_ADD},       {" > ", P_REL, P_ADD, P_ADD},
    {" >= ", P_REL, P_ADD, P_ADD},       {" == ", P_EQ, P_ADD, P_ADD},
    {" != ", P_EQ, P_ADD, P_ADD},        {" & ", P_BITS, P_UNARY, P_UNARY},
    {" ^ ", P_BITS, P_UNARY, P_UNARY},   {" | ", P_BITS, P_UNARY, P_UNARY},
    {" && ", P_AND, P_AND, P_EQ},        {" || ", P_OR, P_OR, P_EQ},
};

static Piece fill_in(Emit *e, const char *tmpl, const Piece arg[MAXARG], DType t)
{
    Text out = text_new(&e->cx->arena);
    for (const char *p = tmpl; *p;) {
        size_t n = 0;
        while (word_char(p[n])) n++;
        if (*p == '$') {
            bool alone = p > tmpl && strchr("(,", p[-1 - (p[-1] == ' ')]) && strchr("),", p[2]);
            const char *s = cpu_fit(e, arg[p[1] - '0'], alone ? P_COND : P_PRIMARY);
            text_put(&out, s, strlen(s));
            p += 2;
        } else if (n && p[n] == '(' && !(*p >= '0' && *p <= '9')) {
            const char *s = function_for(e, cpu_f(e, "%.*s", (int)n, p), t);
            text_put(&out, s, strlen(s));
            p += n;
        } else {
            text_put(&out, p, n ? n : 1);
            p += n ? n : 1;
        }
    }
    return primary(out.s);
}

static Piece template_piece(Emit *e, const char *tmpl, const Piece arg[MAXARG], DType t)
{
    for (int i = 0; i < COUNT(binary); i++)
        if (!strcmp(tmpl, cpu_f(e, "($0%s$1)", binary[i].text)))
            return (Piece){cpu_f(e, "%s%s%s", cpu_fit(e, arg[0], binary[i].left), binary[i].text,
                                 cpu_fit(e, arg[1], binary[i].right)),
                           binary[i].prec};
    if (!strcmp(tmpl, "($0 ? $1 : $2)"))
        return (Piece){
            cpu_f(e, "%s ? %s : %s", cpu_fit(e, arg[0], P_OR), cpu_fit(e, arg[1], P_OR), arg[2].s),
            P_COND};
    if (tmpl[0] == '(' && strchr("-~!", tmpl[1]) && !strcmp(tmpl + 2, "$0)"))
        return (Piece){cpu_f(e, "%c%s", tmpl[1], cpu_fit(e, arg[0], P_PRIMARY)), P_UNARY};
    return fill_in(e, tmpl, arg, t);
}

/* ---- operations ----------------------------------------------------------------------------- */

static bool at_least(Emit *e, const Expr *x, int64_t lo)
{
    Range r = expr_range(x, e->scope);
    return r.known && r.lo >= lo;
}

/* a divisor that may be 0 is looked at where it is used */
static Piece divisor(Emit *e, const Expr *x, Piece p)
{
    Range r = expr_range(x, e->scope);
    if (r.known && (r.lo > 0 || r.hi < 0)) return p;
    DType t = cpu_num(x->type);
    cpu_need(e, "nonzero", t, DT_none);
    return primary(cpu_f(e, "k_nonzero_%s(%s, &fault, %d)", cpu_short(t), p.s,
                         cpu_fault(e, E0613, x->span, "division by zero")));
}

static bool divides(Op op)
{
    return op == OP_floordiv || op == OP_floormod || op == OP_div;
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
                  cpu_f(e, "a shift of %s by %d bits or more", dtype_info[x->type].name, bits));
    return primary(cpu_f(e, "k_within(%s, %d, &fault, %d)", by.s, bits, code));
}

/* what C computes in a wider type is brought back to its own */
static Piece back(Emit *e, Op op, DType t, Piece p)
{
    static const bool exact[NOP] = {
        [OP_select] = true, [OP_max] = true, [OP_min] = true, [OP_neg] = true, [OP_abs] = true};
    if (narrow(t) && (!exact[op] || (t == DT_float8_e5m2 &&
                                     op != OP_select))) /* e5m2: an infinite result saturates */
        return cpu_cast(e, p, DT_float32, t);
    if (dtype_is_int(t) && dtype_info[t].bits < 32 && op != OP_select)
        return (Piece){cpu_f(e, "(%s)%s", cpu_value_type(t), cpu_fit(e, p, P_UNARY)), P_UNARY};
    return p;
}

/* without the final rounding, for a place that rounds anyway */
static Piece raw_op(Emit *e, const Expr *x)
{
    const OpInfo *op = &op_info[x->op];
    if (!op->c)
        fail(e->cx, E0501, x->span, "use another operation, or another target",
             "the cpu target has no '%s'", op->name);
    Piece arg[MAXARG] = {{0}};
    for (int i = 0; i < op->nargs; i++) arg[i] = cpu_piece(e, x->arg[i]);
    if (op->rule == RULE_shift) arg[1] = shift_count(e, x, arg[1]);
    DType t = cpu_num(x->arg[op->rule == RULE_select]->type);
    const char *tmpl = op->c;
    if (divides(x->op) && !dtype_is_float(t)) {
        arg[1] = divisor(e, x->arg[1], arg[1]);
        if (x->op != OP_div && at_least(e, x->arg[0], 0) && at_least(e, x->arg[1], 1))
            tmpl = x->op == OP_floordiv ? "($0 / $1)" : "($0 % $1)";
    }
    return template_piece(e, tmpl, arg, t);
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
    return cpu_f(e, "%s:%d", slash ? slash + 1 : path, line);
}

int cpu_fault(Emit *e, ErrCode code, Span at, const char *text)
{
    e->faults = true;
    const char *s = cpu_f(e, "%s: %s", place_text(e, at), text);
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
    return a ? cpu_f(e, "%s && %s", a, b) : b;
}

static const char *tile_index(Emit *e, const Buf *b, int d, Piece idx, bool proved, Span at)
{
    if (proved) return idx.s;
    int code = cpu_fault(e, E0611, at,
                         cpu_f(e, "index %d of '%s' is not inside of its %s elements", d, b->name,
                               cpu_value(e, b->dim[d])));
    cpu_need(e, "within", DT_none, DT_none);
    return cpu_f(e, "k_within(%s, %s, &fault, %d)", idx.s, cpu_value(e, b->dim[d]), code);
}

static bool is_zero(Piece p)
{
    return !strcmp(p.s, "0");
}

/* row-major; tensors of unknown or great size are addressed with 64 bits */
static const char *linear(Emit *e, const Buf *b, const Piece *idx)
{
    int64_t n = buf_elems(b);
    bool wide = n < 0 || n > INT32_MAX;
    Piece s = b->ndim ? idx[0] : primary("0");
    for (int d = 1; d < b->ndim; d++) {
        if (is_zero(s)) {
            s = idx[d];
            continue;
        }
        const char *at =
            wide && d == 1 ? cpu_f(e, "(int64_t)%s", cpu_fit(e, s, P_UNARY)) : cpu_fit(e, s, P_MUL);
        s = (Piece){cpu_f(e, "%s * %s", at, cpu_fit(e, cpu_piece(e, b->dim[d]), P_UNARY)), P_MUL};
        if (!is_zero(idx[d]))
            s = (Piece){cpu_f(e, "%s + %s", s.s, cpu_fit(e, idx[d], P_ADD)), P_ADD};
    }
    return s.s;
}

const char *cpu_place(Emit *e, const Buf *b, const Piece *idx, const bool *proved, Span at,
                      const char **guard)
{
    *guard = NULL;
    const char *name = name_of(&e->names, b);
    if (!name)
        fail(e->cx, E0902, at.file ? at : b->span, NULL,
             "buffer '%s' is used where it is not declared", b->name);
    if (is_variable(b)) return name;
    Text t = text_new(&e->cx->arena);
    if (!cpu_is_global(b)) {
        text_add(&t, "%s%s", b->space == SP_LOCAL ? "" : "my->", name);
        for (int d = 0; d < b->ndim; d++)
            text_add(&t, "[%s]", tile_index(e, b, d, idx[d], proved[d], at));
        return t.s;
    }
    for (int d = 0; d < b->ndim; d++) {
        if (proved[d]) continue;
        cpu_need(e, "in", DT_none, DT_none);
        *guard = both(e, *guard, cpu_f(e, "k_in(%s, %s)", idx[d].s, cpu_value(e, b->dim[d])));
    }
    text_add(&t, "%s[%s]", name, linear(e, b, idx));
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
        p[d] = cpu_piece(e, idx[d]);
        proved[d] = cpu_proved(e, idx[d], b->dim[d]);
    }
    return cpu_place(e, b, p, proved, at, guard);
}

static Piece guarded_piece(Emit *e, const char *guard, const char *value, const char *otherwise)
{
    return guard ? (Piece){cpu_f(e, "%s ? %s : %s", guard, value, otherwise), P_COND}
                 : primary(value);
}

static Piece load_piece(Emit *e, const Expr *x)
{
    const char *guard, *place = cpu_element(e, x->buf, x->idx, x->span, &guard);
    return guarded_piece(e, guard, is_variable(x->buf) ? place : cpu_from_elem(e, place, x->type),
                         "0");
}

/* ---- all of them ---------------------------------------------------------------------------- */

static Piece var_piece(Emit *e, const Expr *x)
{
    const char *name = name_of(&e->names, x->var);
    if (!name)
        fail(e->cx, E0902, x->span, NULL, "'%s' is used where it is not declared", x->var->name);
    return primary(name);
}

Piece cpu_piece(Emit *e, const Expr *x)
{
    for (int i = e->nheld - 1; i >= 0; i--)
        if (expr_same(e->held[i].value, x)) return primary(e->held[i].name);
    switch (x->kind) {
    case E_INT: return int_piece(e, x->i, x->type);
    case E_FLOAT: return float_piece(e, x->f, x->type);
    case E_VAR: return var_piece(e, x);
    case E_OP: return back(e, x->op, x->type, raw_op(e, x));
    case E_CAST: return cpu_cast(e, cpu_piece(e, x->arg[0]), x->arg[0]->type, x->type);
    case E_BITS: return bits_piece(e, x);
    case E_LOAD: return load_piece(e, x);
    case E_CALL: fail(e->cx, E0902, x->span, NULL, "a call reached a target that has none");
    }
    return primary("0");
}

const char *cpu_value(Emit *e, const Expr *x)
{
    return cpu_piece(e, x).s;
}

/* An element is rounded when it is stored: an operation or a cast to its type need not do it
   before. An element that only moves keeps its bits. */
const char *cpu_store_value(Emit *e, const Expr *x, DType t)
{
    if (x->type == t && narrow(t)) {
        if (x->kind == E_LOAD && !is_variable(x->buf)) {
            const char *guard, *place = cpu_element(e, x->buf, x->idx, x->span, &guard);
            return guarded_piece(e, guard, place, cpu_zero(e, t)).s;
        }
        if (x->kind == E_OP && op_info[x->op].rule != RULE_select)
            return cpu_to_elem(e, raw_op(e, x).s, cpu_num(t), t);
        if (x->kind == E_CAST) return cpu_to_elem(e, cpu_value(e, x->arg[0]), x->arg[0]->type, t);
        if (t == DT_float8_e5m2) { /* rounded already: an infinity stays one */
            cpu_need(e, "e5m2", DT_none, DT_none);
            return cpu_f(e, "e5m2_keep(%s)", cpu_value(e, x));
        }
    }
    return cpu_to_elem(e, cpu_value(e, x), x->type, t);
}
