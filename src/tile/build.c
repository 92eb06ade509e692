/* The only maker of nodes: gives every expression its type, inserts the conversions that promotion
   asks for, folds constants. What is built from a printed expression is the expression that was
   printed, so all simplification here is idempotent. */
#include "tile/tile.h"
#include <math.h>
#include <string.h>

Var *var_new(Cx *cx, const char *name, DType t, VarKind k, Span s)
{
    Var *v = NEW(&cx->arena, Var);
    *v = (Var){.name = intern(cx, name), .type = t, .kind = k, .span = s};
    v->open = k == V_SIZE ? v->name : NULL;
    return v;
}

Buf *buf_new(Cx *cx, const char *name, DType t, Space sp, int ndim, Expr *const *dim, Span s)
{
    if (ndim > MAXDIM)
        fail(cx, E0301, s, NULL, "'%s' has %d dimensions, at most %d are possible", name, ndim,
             MAXDIM);
    Buf *b = NEW(&cx->arena, Buf);
    *b = (Buf){.name = intern(cx, name), .type = t, .space = sp, .ndim = ndim, .span = s};
    for (int d = 0; d < ndim; d++) b->dim[d] = dim[d];
    return b;
}

/* ---- leaves ---- */

static Expr *node(Cx *cx, ExprKind k, DType t, Span s)
{
    Expr *e = NEW(&cx->arena, Expr);
    e->kind = k;
    e->type = t;
    e->span = s;
    return e;
}

Expr *expr_int(Cx *cx, int64_t v, DType t, Span s)
{
    Expr *e = node(cx, E_INT, t, s);
    e->i = dtype_wrap(t, v);
    return e;
}

Expr *expr_i32(Cx *cx, int64_t v)
{
    return expr_int(cx, v, v == (int32_t)v ? DT_int32 : DT_int64, (Span){0});
}

Expr *expr_float(Cx *cx, double v, DType t, Span s)
{
    Expr *e = node(cx, E_FLOAT, t, s);
    e->f = dtype_round(t, v);
    return e;
}

Expr *expr_var(Cx *cx, Var *v, Span s)
{
    Expr *e = node(cx, E_VAR, v->type, s);
    e->var = v;
    return e;
}

Expr *expr_load(Cx *cx, Buf *b, Expr *const *idx, Span s)
{
    Expr *e = node(cx, E_LOAD, b->type, s);
    e->buf = b;
    e->idx = NEWN(&cx->arena, Expr *, b->ndim + 1);
    for (int d = 0; d < b->ndim; d++) {
        if (dtype_is_float(idx[d]->type))
            fail(cx, E0302, s, "convert it with T.cast(x, \"int32\")", "index %d of '%s' is a %s",
                 d, b->name, dtype_info[idx[d]->type].name);
        e->idx[d] = idx[d];
    }
    return e;
}

bool expr_const(const Expr *e, int64_t *v)
{
    if (e->kind != E_INT) return false;
    *v = e->i;
    return true;
}

/* ---- conversions ---- */

static int64_t to_int(DType t, double f)
{
    if (f != f) return 0;
    if (f >= 9223372036854775808.0) return INT64_MAX;
    if (f < -9223372036854775808.0) return INT64_MIN;
    return dtype_wrap(t, (int64_t)f);
}

Expr *expr_cast(Cx *cx, Expr *e, DType t, Span s)
{
    if (e->type == t) return e;
    bool to_float = dtype_is_float(t), from_float = dtype_is_float(e->type);
    if (e->kind == E_INT)
        return to_float
                   ? expr_float(cx, e->type == DT_uint64 ? (double)(uint64_t)e->i : (double)e->i, t,
                                s)
                   : expr_int(cx, e->i, t, s);
    if (e->kind == E_FLOAT)
        return to_float       ? expr_float(cx, e->f, t, s)
               : t == DT_bool ? expr_int(cx, e->f != 0, t, s)
                              : expr_int(cx, to_int(t, e->f), t, s);
    if (t == DT_bool) /* truth is a comparison, not a cut to eight bits */
        return expr_op(cx, OP_ne, e,
                       from_float ? expr_float(cx, 0, e->type, s) : expr_int(cx, 0, e->type, s),
                       NULL, s);
    Expr *c = node(cx, E_CAST, t, s);
    c->arg[0] = e;
    return c;
}

Expr *expr_bits(Cx *cx, Expr *e, DType t, Span s)
{
    if (e->type == t) return e;
    if (dtype_info[e->type].bits != dtype_info[t].bits)
        fail(cx, E0302, s, NULL, "T.reinterpret keeps the width: %s has %d bits, %s has %d",
             dtype_info[e->type].name, dtype_info[e->type].bits, dtype_info[t].name,
             dtype_info[t].bits);
    if (!dtype_is_float(e->type) && !dtype_is_float(t)) return expr_cast(cx, e, t, s);
    Expr *c = node(cx, E_BITS, t, s);
    c->arg[0] = e;
    return c;
}

/* ---- operations ---- */

static _Noreturn void bad_type(Cx *cx, Op op, const Expr *e, Span s, const char *wants)
{
    const char *help = arena_printf(&cx->arena, "convert the operand with T.cast");
    fail(cx, E0302, s, help, "'%s' takes %s, not %s", op_info[op].name, wants,
         dtype_info[e->type].name);
}

/* brings the operands to the types that the rule asks for; gives the type of the result */
static DType type_rule(Cx *cx, Op op, Expr *arg[MAXARG], Span s)
{
    Rule rule = op_info[op].rule;
    int first = rule == RULE_select;
    DType t = arg[first]->type;
    switch (rule) {
    case RULE_logic:
        for (int i = 0; i < op_info[op].nargs; i++) arg[i] = expr_cast(cx, arg[i], DT_bool, s);
        return DT_bool;
    case RULE_flt:
        if (op_info[op].nargs == 2) t = dtype_promote(t, arg[1]->type);
        for (int i = 0; i < op_info[op].nargs; i++) {
            if (!dtype_is_float(arg[i]->type)) bad_type(cx, op, arg[i], s, "a float");
            arg[i] = expr_cast(cx, arg[i], t, s);
        }
        return t;
    case RULE_same:
        if (((op == OP_bnot || op == OP_popcount) && dtype_is_float(t)) ||
            (op == OP_neg && dtype_info[t].cls == CLS_U))
            bad_type(cx, op, arg[0], s, op == OP_neg ? "a signed number" : "an integer");
        if (t == DT_bool) {
            t = DT_int32;
            arg[0] = expr_cast(cx, arg[0], t, s);
        }
        return t;
    case RULE_shift:
        for (int i = 0; i < 2; i++)
            if (!dtype_is_int(arg[i]->type)) bad_type(cx, op, arg[i], s, "integers");
        arg[1] = expr_cast(cx, arg[1], t, s);
        return t;
    case RULE_select: arg[0] = expr_cast(cx, arg[0], DT_bool, s); break;
    case RULE_ints:
        for (int i = 0; i < 2; i++)
            if (dtype_is_float(arg[i]->type)) bad_type(cx, op, arg[i], s, "integers");
        break;
    default: break;
    }
    t = dtype_promote(arg[first]->type, arg[first + 1]->type);
    if (t == DT_bool && (rule == RULE_arith || op == OP_floordiv || op == OP_floormod))
        t = DT_int32;
    if (op == OP_div && dtype_info[t].cls == CLS_I)
        fail(cx, E0302, s, "use // for the floor of the quotient, or T.cast to a float first",
             "'/' on signed integers");
    for (int i = first; i < first + 2; i++) arg[i] = expr_cast(cx, arg[i], t, s);
    return rule == RULE_cmp ? DT_bool : t;
}

static bool is_literal(const Expr *e)
{
    return e->kind == E_INT || e->kind == E_FLOAT;
}

static Expr *fold_constants(Cx *cx, Op op, DType t, Expr *const arg[MAXARG], Span s)
{
    double f[MAXARG] = {0};
    int64_t v[MAXARG] = {0};
    bool floats = false;
    for (int i = 0; i < op_info[op].nargs; i++) {
        if (!is_literal(arg[i])) return NULL;
        floats |= arg[i]->kind == E_FLOAT;
        v[i] = arg[i]->kind == E_INT ? arg[i]->i : 0;
        f[i] = arg[i]->kind == E_INT ? (double)arg[i]->i : arg[i]->f;
    }
    if (floats) {
        double r = op_fold_f(op, f[0], f[1], f[2]);
        return dtype_is_float(t) ? expr_float(cx, r, t, s) : expr_int(cx, r != 0, t, s);
    }
    if ((op == OP_floordiv || op == OP_floormod || op == OP_div) && v[1] == 0)
        return NULL; /* stays, and is reported where it runs */
    if (op_info[op].rule == RULE_shift && (v[1] < 0 || v[1] >= dtype_info[t].bits))
        return NULL; /* so does this */
    int64_t r = op_fold_as(arg[op == OP_select]->type, op, v[0], v[1], v[2]);
    if (t == DT_int32 && r != (int32_t)r)
        t = DT_int64; /* a constant grows as in Python instead of wrapping */
    return expr_int(cx, r, t, s);
}

static bool is_int(const Expr *e, int64_t v)
{
    return e->kind == E_INT && e->i == v;
}

/* x + 0, x * 1, ...: where operand `arg` is the integer `is`, the result is operand `gives`.
 * Integers only, since floats have signed zeros and NaN. */
static const struct {
    Op op;
    int arg, is, gives;
} identity[] = {
    {OP_add, 1, 0, 0}, {OP_add, 0, 0, 1},    {OP_sub, 1, 0, 0},    {OP_mul, 1, 1, 0},
    {OP_mul, 0, 1, 1}, {OP_mul, 0, 0, 0},    {OP_mul, 1, 0, 1},    {OP_and, 0, 1, 1},
    {OP_and, 1, 1, 0}, {OP_and, 0, 0, 0},    {OP_or, 0, 0, 1},     {OP_or, 1, 0, 0},
    {OP_or, 0, 1, 0},  {OP_select, 0, 0, 2}, {OP_select, 0, 1, 1}, {OP_floordiv, 1, 1, 0}};

static Expr *fold_identity(Cx *cx, Op op, Expr *const arg[MAXARG], Span s)
{
    Expr *a = arg[0], *b = arg[1];
    for (int i = 0; i < COUNT(identity); i++)
        if (identity[i].op == op && is_int(arg[identity[i].arg], identity[i].is))
            return arg[identity[i].gives];
    if (op == OP_floormod && is_int(b, 1)) return expr_int(cx, 0, a->type, s);
    if (op != OP_add) return NULL;
    if (is_literal(a) && !is_literal(b)) return expr_op(cx, OP_add, b, a, NULL, s);
    if (b->kind == E_INT && a->kind == E_OP && a->op == OP_add && a->arg[1]->kind == E_INT &&
        b->type == a->type) {
        Expr *sum = expr_op(cx, OP_add, a->arg[1], b, NULL, s);
        if (sum->type == b->type) return expr_op(cx, OP_add, a->arg[0], sum, NULL, s);
    }
    return NULL;
}

Expr *expr_op(Cx *cx, Op op, Expr *a, Expr *b, Expr *c, Span s)
{
    Expr *arg[MAXARG] = {a, b, c};
    DType t = type_rule(cx, op, arg, s);
    Expr *r = fold_constants(cx, op, t, arg, s);
    if (!r && (op == OP_select || op_info[op].rule == RULE_logic || dtype_is_int(t)))
        r = fold_identity(cx, op, arg, s);
    if (r) return r;
    r = node(cx, E_OP, t, s);
    r->op = op;
    memcpy(r->arg, arg, sizeof arg);
    return r;
}

/* ---- calls ---- */

static bool fits(char letter, const Expr *e)
{
    switch (letter) {
    case 'i': return dtype_is_int(e->type);
    case 'b': return e->kind == E_LOAD && e->buf->space == SP_BARRIER;
    case 'r':
    case 'w':
    case 'u': return e->kind == E_LOAD && e->buf->space != SP_BARRIER;
    default: return true;
    }
}

static const char *wanted(char letter)
{
    return letter == 'i' ? "an integer" : letter == 'b' ? "a barrier" : "an element of a buffer";
}

Expr *expr_call(Cx *cx, Fn fn, Expr *const *args, int n, const char *text, DType type, Span s)
{
    const FnInfo *f = &fn_info[fn];
    DType result = strcmp(f->result, "any") == 0    ? type
                   : strcmp(f->result, "arg0") == 0 ? args[0]->type
                   : strcmp(f->result, "void") == 0 ? DT_none
                                                    : dtype_named(f->result);
    Expr *e = node(cx, E_CALL, result, s);
    e->fn = fn;
    e->nargs = n;
    e->args = NEWN(&cx->arena, Expr *, n + 1);
    e->text = text ? intern(cx, text) : NULL;
    for (int i = 0; i < n; i++) {
        char letter = fn_arg(fn, i);
        if (!letter) fail(cx, E0302, s, NULL, "T.%s takes %d arguments, not %d", f->name, i, n);
        e->args[i] = letter == 'c' ? expr_cast(cx, args[i], DT_bool, s) : args[i];
        if (!fits(letter, args[i]))
            fail(cx, E0302, args[i]->span, NULL, "argument %d of T.%s is %s", i + 1, f->name,
                 wanted(letter));
    }
    return e;
}

Expr *expr_add(Cx *cx, Expr *a, Expr *b)
{
    return expr_op(cx, OP_add, a, b, NULL, a->span);
}

Expr *expr_mul(Cx *cx, Expr *a, Expr *b)
{
    return expr_op(cx, OP_mul, a, b, NULL, a->span);
}

/* ---- regions and statements ---- */

Region region_whole(Cx *cx, Buf *b, Span s)
{
    Region r = {.buf = b, .span = s};
    for (int d = 0; d < b->ndim; d++) {
        r.off[d] = expr_i32(cx, 0);
        if (!expr_const(b->dim[d], &r.ext[d]))
            fail(cx, E0301, s, "copy a region of constant size",
                 "dimension %d of '%s' has no constant size", d, b->name);
    }
    return r;
}

bool region_is_whole(const Region *r)
{
    for (int d = 0; d < r->buf->ndim; d++) {
        int64_t n;
        if (!is_int(r->off[d], 0) || !expr_const(r->buf->dim[d], &n) || n != r->ext[d])
            return false;
    }
    return true;
}

Stmt *stmt_new(Cx *cx, StmtKind k, Span s)
{
    Stmt *n = NEW(&cx->arena, Stmt);
    n->kind = k;
    n->span = s;
    return n;
}

Stmt *stmt_add(Tail *tail, Stmt *s)
{
    **tail = s;
    *tail = &s->next;
    return s;
}

bool stmt_is_update(const Stmt *s)
{
    if (s->kind == S_TILE)
        return s->tile.op == TO_atomic_add || s->tile.op == TO_atomic_max ||
               s->tile.op == TO_atomic_min;
    return s->kind == S_EVAL && s->eval->kind == E_CALL && call_place(s->eval, 0) == 'u' &&
           s->eval->nargs == 2;
}

const Buf *buf_root(const Buf *b)
{
    while (b->of) b = b->of;
    return b;
}

int64_t buf_elems(const Buf *b)
{
    int64_t n = 1;
    for (int d = 0; d < b->ndim; d++) {
        int64_t k;
        if (!expr_const(b->dim[d], &k)) return -1;
        n *= k;
    }
    return n;
}
