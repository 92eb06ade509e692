/* Expressions as C, for every target. A value is held in a type C can compute with (narrow floats
   as float, rounded after each operation as their type says). Parentheses stand only where C or its
   readers want them. */
#include "target/emitter.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Emit {
    EMITTER
};

const char *emit_f(Emit *e, const char *fmt, ...)
{
    va_list ap;
    Text t = text_new(&e->cx->arena);
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    return t.s;
}

void emit_open(Emit *e, const char *head)
{
    text_line(e->out, "%s", head);
    e->out->indent++;
}

void emit_close(Emit *e)
{
    e->out->indent--;
    text_line(e->out, "}");
}

bool dtype_is_narrow(DType t)
{
    return dtype_is_float(t) && dtype_info[t].bits < 32;
}

Piece expr_primary(const char *s)
{
    return (Piece){s, P_PRIMARY};
}

const char *expr_fit(Emit *e, Piece p, Prec least)
{
    return p.prec < least ? emit_f(e, "(%s)", p.s) : p.s;
}

Piece expr_ctype(Emit *e, const char *type, Piece x)
{
    return (Piece){emit_f(e, "(%s)%s", type, expr_fit(e, x, P_UNARY)), P_UNARY};
}

/* ---- constants ------------------------------------------------------------------------------ */

static Piece int_piece(Emit *e, int64_t v, DType t)
{
    if (t == DT_bool) return expr_primary(v ? "true" : "false");
    if (t == DT_uint64) return expr_primary(emit_f(e, "%" PRIu64 "ull", (uint64_t)v));
    if (t == DT_int32 && v == INT32_MIN) return expr_primary(e->c->min32);
    if (t == DT_int64 && v == INT64_MIN) return expr_primary(e->c->min64);
    const char *suffix = t == DT_int64 ? "ll" : t == DT_uint32 ? "u" : "";
    Piece p = {emit_f(e, "%" PRId64 "%s", v, suffix), v < 0 ? P_UNARY : P_PRIMARY};
    return e->c->small_casts && dtype_info[t].bits < 32 ? e->c->cast(e, p, DT_int32, t) : p;
}

static Piece float_piece(Emit *e, double v, DType t)
{
    bool wide = t == DT_float64 && !e->c->no_double;
    if (isnan(v)) return expr_primary(e->c->nan[wide]);
    if (isinf(v))
        return v < 0 ? (Piece){emit_f(e, "-%s", e->c->inf[wide]), P_UNARY}
                     : expr_primary(e->c->inf[wide]);
    char s[64];
    bool plain = fabs(v) >= 1e-4 && fabs(v) < 1e9; /* 30.0 rather than 3e+01 */
    for (int digits = 1; digits <= 17; digits++) { /* the shortest that reads back */
        snprintf(s, sizeof s, "%.*g", digits, v);
        bool same = wide ? strtod(s, NULL) == v : strtof(s, NULL) == (float)v;
        if (same && !(plain && strchr(s, 'e'))) break;
    }
    const char *point = strpbrk(s, ".e") ? "" : ".0", *suffix = wide ? "" : "f";
    return (Piece){emit_f(e, "%s%s%s", s, point, suffix), signbit(v) ? P_UNARY : P_PRIMARY};
}

/* ---- the text of an operation --------------------------------------------------------------- */

/* the operators that rows of ops.def are made of; left, right: how strongly an operand must bind so
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

/* a + (b + c) is a + b + c */
static bool associates(Emit *e, const Expr *x)
{
    const Expr *b = x->arg[1];
    if (e->c->grouped || !dtype_is_int(x->type) || b->kind != E_OP || b->type != x->type)
        return false;
    return (x->op == OP_add && (b->op == OP_add || b->op == OP_sub)) ||
           (x->op == OP_mul && b->op == OP_mul);
}

/* calls and what is more than one operator */
static Piece fill_in(Emit *e, const char *row, const Piece arg[MAXARG], DType t)
{
    Text out = text_new(&e->cx->arena);
    for (const char *p = row; *p;) {
        size_t n = 0;
        while (name_char(p[n])) n++;
        if (*p == '$') {
            bool alone = p > row && strchr("(,", p[-1 - (p[-1] == ' ')]) && strchr("),", p[2]);
            text_add(&out, "%s", expr_fit(e, arg[p[1] - '0'], alone ? P_COND : P_PRIMARY));
            p += 2;
        } else if (n && p[n] == '(' && !(*p >= '0' && *p <= '9') && e->c->function) {
            text_add(&out, "%s", e->c->function(e, emit_f(e, "%.*s", (int)n, p), t));
            p += n;
        } else {
            text_put(&out, p, n ? n : 1);
            p += n ? n : 1;
        }
    }
    return expr_primary(out.s);
}

static Piece row_piece(Emit *e, const Expr *x, const char *row, const Piece arg[MAXARG])
{
    for (int i = 0; i < COUNT(binary); i++)
        if (!strcmp(row, emit_f(e, "($0%s$1)", binary[i].text)))
            return (Piece){
                emit_f(e, "%s%s%s", expr_fit(e, arg[0], binary[i].left), binary[i].text,
                       expr_fit(e, arg[1], associates(e, x) ? binary[i].left : binary[i].right)),
                binary[i].prec};
    if (!strcmp(row, "($0 ? $1 : $2)"))
        return (Piece){emit_f(e, "%s ? %s : %s", expr_fit(e, arg[0], P_OR),
                              expr_fit(e, arg[1], P_OR), arg[2].s),
                       P_COND};
    if (row[0] == '(' && strchr("-~!", row[1]) && !strcmp(row + 2, "$0)"))
        return (Piece){emit_f(e, "%c%s", row[1], expr_fit(e, arg[0], P_PRIMARY)), P_UNARY};
    return fill_in(e, row, arg, x->arg[op_info[x->op].rule == RULE_select]->type);
}

static bool is_element(void *user, const Expr *x)
{
    (void)user;
    return x->kind == E_LOAD && x->buf->ndim > 0;
}

bool expr_has_load(const Expr *x)
{
    return expr_any(x, is_element, NULL);
}

bool expr_not_negative(Emit *e, const Expr *x)
{
    Range r = expr_range(x, e->scope);
    return dtype_info[x->type].cls == CLS_U || (r.known && r.lo >= 0);
}

Piece expr_raw(Emit *e, const Expr *x)
{
    const OpInfo *op = &op_info[x->op];
    const char *row = e->c->row(x->op);
    if (!row)
        fail(e->cx, E0501, x->span, "use another operation, or another target",
             "the %s target has no '%s'", e->c->target, op->name);
    Piece arg[MAXARG] = {{0}};
    for (int i = 0; i < op->nargs; i++) {
        arg[i] = expr_piece(e, x->arg[i]);
        if (e->c->operand) arg[i] = e->c->operand(e, x, i, arg[i]);
    }
    if ((x->op == OP_floordiv || x->op == OP_floormod) && expr_not_negative(e, x->arg[0]) &&
        expr_not_negative(e, x->arg[1]))
        row = x->op == OP_floordiv ? "($0 / $1)" : "($0 % $1)"; /* as C divides */
    return row_piece(e, x, row, arg);
}

/* what C computes in a wider type is brought back to its own */
static Piece back(Emit *e, Op op, DType t, Piece p)
{
    static const bool exact[NOP] = {
        [OP_select] = true, [OP_max] = true, [OP_min] = true, [OP_neg] = true, [OP_abs] = true};
    if (dtype_is_narrow(t) && (!exact[op] || (t == DT_float8_e5m2 && op != OP_select)))
        return e->c->cast(e, p, DT_float32, t); /* e5m2: an infinite result saturates */
    bool small = dtype_is_int(t) && dtype_info[t].bits < 32;
    return small && (op != OP_select || e->c->small_casts) ? e->c->cast(e, p, DT_int32, t) : p;
}

/* ---- elements ------------------------------------------------------------------------------- */

Piece expr_linear(Emit *e, const Buf *b, const Piece *idx)
{
    int64_t n = buf_elems(b); /* of unknown or great size: addressed with 64 bits */
    bool wide = n < 0 || n > INT32_MAX;
    Piece s = b->ndim ? idx[0] : expr_primary("0");
    for (int d = 1; d < b->ndim; d++) {
        if (!strcmp(s.s, "0")) {
            s = idx[d];
            continue;
        }
        const char *at = wide && d == 1 ? emit_f(e, "%s%s", e->c->wide, expr_fit(e, s, P_UNARY))
                                        : expr_fit(e, s, P_MUL);
        s = (Piece){emit_f(e, "%s * %s", at, expr_text(e, b->dim[d], P_UNARY)), P_MUL};
        if (strcmp(idx[d].s, "0"))
            s = (Piece){
                emit_f(e, "%s + %s", s.s, expr_fit(e, idx[d], e->c->grouped ? P_MUL : P_ADD)),
                P_ADD};
    }
    return s;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static Piece var_piece(Emit *e, const Expr *x)
{
    const char *name = name_of(e, x->var);
    if (!name && e->prog)
        fail(e->cx, E0902, x->span, NULL, "'%s' is used where it is not declared", x->var->name);
    return expr_primary(name ? name
                             : x->var->name); /* without a program: only asked what there is */
}

Piece expr_piece(Emit *e, const Expr *x)
{
    for (int i = e->nheld - 1; i >= 0; i--)
        if (expr_same(e->held[i].value, x)) return expr_primary(e->held[i].name);
    switch (x->kind) {
    case E_INT: return int_piece(e, x->i, x->type);
    case E_FLOAT: return float_piece(e, x->f, x->type);
    case E_VAR: return var_piece(e, x);
    case E_OP: return back(e, x->op, x->type, expr_raw(e, x));
    case E_CAST: return e->c->cast(e, expr_piece(e, x->arg[0]), x->arg[0]->type, x->type);
    case E_BITS: return e->c->bits(e, x);
    case E_LOAD: return e->c->load(e, x);
    case E_CALL: fail(e->cx, E0902, x->span, NULL, "a call reached a target that has none");
    }
    return expr_primary("0");
}

const char *expr_text(Emit *e, const Expr *x, Prec least)
{
    return expr_fit(e, expr_piece(e, x), least);
}
