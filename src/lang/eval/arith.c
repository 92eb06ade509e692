/* Operators: Python's on known values, expressions of the tile program as soon as one operand is
 * symbolic. */
#include "lang/dialect.h"
#include <math.h>
#include <string.h>

/* ---- conversions ---- */

static bool is_var(const Value *v)
{
    return v->kind == VAL_BUF && v->buf->ndim == 0;
}

bool is_symbolic(const Value *v)
{
    return v->kind == VAL_EXPR || is_var(v) || (v->kind == VAL_REF && !v->ref->slices) ||
           v->kind == VAL_SLOT || (v->kind == VAL_LOOP && v->loop->axis);
}

Value simplify(Value v)
{
    if (v.kind == VAL_EXPR && v.expr->kind == E_INT && v.expr->type == DT_int32)
        return value_int(v.expr->i);
    if (v.kind == VAL_EXPR && v.expr->kind == E_INT && v.expr->type == DT_bool)
        return value_bool(v.expr->i);
    return v;
}

static _Noreturn void not_element(Eval *ev, const Value *v, Span at)
{
    if (v->kind == VAL_FOREIGN)
        eval_fail(ev, E0202, at, "give its value as a parameter, or as a constant of the module",
                  "'%s' is not part of the program: its value is not known here", v->s);
    if (v->kind == VAL_BUF)
        eval_fail(ev, E0204, at, "name the element: it has an index for each dimension",
                  "the whole buffer '%s' stands where one value is needed", v->buf->name);
    eval_fail(ev, E0204, at, NULL, "%s stands where a number is needed", value_name[v->kind]);
}

Expr *to_expr(Eval *ev, Value v, Span at)
{
    v = plain_value(v);
    switch (v.kind) {
    case VAL_EXPR: return v.expr;
    case VAL_BOOL: return expr_int(ev->cx, v.i != 0, DT_bool, at);
    case VAL_INT:
        if (v.i != (int64_t)v.i && v.i != (Int)(uint64_t)v.i)
            eval_fail(ev, E0204, at, NULL, "this integer needs more than 64 bits");
        if (v.i != (int64_t)v.i) return expr_int(ev->cx, (int64_t)(uint64_t)v.i, DT_uint64, at);
        return expr_int(ev->cx, (int64_t)v.i, v.i == (int32_t)v.i ? DT_int32 : DT_int64, at);
    case VAL_FLOAT: return expr_float(ev->cx, v.f, DT_float32, at);
    case VAL_REF: return ref_load(ev, v.ref, at);
    case VAL_LOOP:                  /* T.thread_binding as a value: the index itself */
        if (v.loop->axis > MAXGRID) /* over blocks */
            return expr_var(ev->cx, ev->launch->block[v.loop->axis - MAXGRID - 1], at);
        if (v.loop->axis && ev->launch) return thread_index(ev, v.loop->axis - 1, at);
        not_element(ev, &v, at);
    case VAL_BUF:
        if (v.buf->ndim == 0) return expr_load(ev->cx, v.buf, NULL, at);
        not_element(ev, &v, at);
    default: not_element(ev, &v, at);
    }
}

Expr *to_typed(Eval *ev, Value v, DType t, Span at)
{
    v = plain_value(v);
    if (v.kind == VAL_FLOAT && dtype_is_float(t)) return expr_float(ev->cx, v.f, t, at);
    return expr_cast(ev->cx, to_expr(ev, v, at), t, at);
}

static _Noreturn void not_known(Eval *ev, const Value *v, Span at, const char *what,
                                const char *kind)
{
    if (v->kind == VAL_FOREIGN) not_element(ev, v, at);
    if (is_symbolic(v))
        eval_fail(ev, E0207, at, NULL,
                  "%s must be known when the kernel is compiled; this is known only when it runs",
                  what);
    eval_fail(ev, E0204, at, NULL, "%s is %s, not %s", what, kind, value_name[v->kind]);
}

Int to_int(Eval *ev, Value v, Span at, const char *what)
{
    Value out;
    v = simplify(plain_value(v));
    if (v.kind == VAL_OBJECT && call_special(ev, v, "__index__", NULL, 0, at, &out)) v = out;
    if (v.kind == VAL_EXPR && v.expr->kind == E_INT) return v.expr->i;
    if (v.kind != VAL_INT && v.kind != VAL_BOOL) not_known(ev, &v, at, what, "an int");
    return v.i;
}

bool to_bool(Eval *ev, Value v, Span at, const char *what)
{
    Value out;
    v = simplify(plain_value(v));
    switch (v.kind) {
    case VAL_NONE: return false;
    case VAL_BOOL:
    case VAL_INT: return v.i != 0;
    case VAL_FLOAT: return v.f != 0;
    case VAL_STR: return v.len != 0;
    case VAL_TUPLE:
    case VAL_LIST: return v.seq->n != 0;
    case VAL_SET:
    case VAL_DICT: return v.dict->n != 0;
    case VAL_RANGE: return eval_items(ev, v, at)->n != 0;
    case VAL_OBJECT:
        if (call_special(ev, v, "__bool__", NULL, 0, at, &out)) return to_bool(ev, out, at, what);
        if (call_special(ev, v, "__len__", NULL, 0, at, &out))
            return to_int(ev, out, at, what) != 0;
        return true;
    case VAL_EXPR:
        if (v.expr->kind == E_INT) return v.expr->i != 0;
        break;
    case VAL_FOREIGN:
    case VAL_REF: break;
    default:
        if (!is_var(&v)) return true;
    }
    not_known(ev, &v, at, what, "known");
}

DType to_dtype(Eval *ev, Value v, Span at)
{
    v = plain_value(v);
    if (v.kind == VAL_DTYPE) return v.dtype;
    if (v.kind == VAL_BUILTIN && dtype_named(v.builtin->name))
        return dtype_named(v.builtin->name); /* float, int, bool */
    if (v.kind == VAL_BUILTIN && v.builtin->run == t_todo)
        t_todo(ev, &(Call){.fn = v.builtin, .span = at, .callee = at});
    if (v.kind != VAL_STR)
        not_known(ev, &v, at, "an element type", "a type such as T.float16 or \"float16\"");
    DType t = dtype_named(v.s);
    if (t == DT_none) {
        const char *names[NDTYPE];
        int n = 0;
        for (int i = 1; i < NDTYPE; i++) names[n++] = dtype_info[i].name;
        eval_fail(ev, E0204, at, did_you_mean(ev->cx, v.s, names, n), "'%s' is no element type", v.s);
    }
    return t;
}

const char *to_str(Eval *ev, Value v, Span at, const char *what)
{
    v = plain_value(v);
    if (v.kind == VAL_DTYPE) return dtype_info[v.dtype].name;
    if (v.kind != VAL_STR) not_known(ev, &v, at, what, "a string");
    return v.s;
}

/* ---- symbolic operators ---- */

static bool may_be_element(const Value *v)
{
    return is_symbolic(v) || is_number(v);
}

static _Noreturn void bad_operands(Eval *ev, PyOp op, const Value *a, const Value *b, Span at)
{
    if (a->kind == VAL_FOREIGN) not_element(ev, a, at);
    if (b && b->kind == VAL_FOREIGN) not_element(ev, b, at);
    if (a->kind == VAL_BUF && a->buf->ndim) not_element(ev, a, at);
    if (b && b->kind == VAL_BUF && b->buf->ndim) not_element(ev, b, at);
    if (b)
        eval_fail(ev, E0204, at, NULL, "'%s' is not defined for %s and %s", pyop_info[op].text,
                  value_name[a->kind], value_name[b->kind]);
    eval_fail(ev, E0204, at, NULL, "'%s' is not defined for %s", pyop_info[op].text,
              value_name[a->kind]);
}

Value value_op(Eval *ev, Op op, Value a, Value b, Span at)
{
    Expr *x = to_expr(ev, a, at);
    return simplify(value_expr(expr_op(ev->cx, op, x, b.kind == VAL_UNSET ? NULL : to_expr(ev, b, at), NULL, at)));
}

static Value symbolic(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    if (!may_be_element(&a) || !may_be_element(&b)) bad_operands(ev, op, &a, &b, at);
    if (op == PY_pow)
        eval_fail(ev, E0204, at, "multiply, or use T.exp2 and T.log2",
                  "'**' is not defined for values of the kernel");
    if (pyop_info[op].tile == NOP) bad_operands(ev, op, &a, &b, at);
    return value_op(ev, (Op)pyop_info[op].tile, a, b, at);
}

/* ---- Python's own arithmetic ---- */

static _Noreturn void overflow(Eval *ev, Span at)
{
    eval_fail(raising(ev, "OverflowError"), E0217, at, NULL,
              "this integer needs more than 127 bits");
}

static _Noreturn void by_zero(Eval *ev, Span at)
{
    eval_fail(raising(ev, "ZeroDivisionError"), E0205, at, NULL, "division by zero");
}

static Int floor_div(Int a, Int b)
{
    Int q = a / b;
    return q - (a % b != 0 && (a < 0) != (b < 0));
}

static Value int_pow(Eval *ev, Int a, Int b, Span at)
{
    if (b < 0) return value_float(pow((double)a, (double)b));
    Int r = 1;
    for (; b > 0; b--) {
        if (a == 1 || a == 0 || a == -1) return value_int(a == -1 && b % 2 == 0 ? 1 : a);
        if (__builtin_mul_overflow(r, a, &r)) overflow(ev, at);
    }
    return value_int(r);
}

static Value int_binary(Eval *ev, PyOp op, Int a, Int b, Span at)
{
    Int r = 0;
    bool over = false;
    if ((op == PY_div || op == PY_floordiv || op == PY_mod) && b == 0) by_zero(ev, at);
    if ((op == PY_shl || op == PY_shr) && b < 0)
        eval_fail(ev, E0205, at, NULL, "negative shift count");
    switch (op) {
    case PY_add: over = __builtin_add_overflow(a, b, &r); break;
    case PY_sub: over = __builtin_sub_overflow(a, b, &r); break;
    case PY_mul: over = __builtin_mul_overflow(a, b, &r); break;
    case PY_div: return value_float((double)a / (double)b);
    case PY_floordiv: r = floor_div(a, b); break;
    case PY_mod: r = a - floor_div(a, b) * b; break;
    case PY_pow: return int_pow(ev, a, b, at);
    case PY_bitand: r = a & b; break;
    case PY_bitor: r = a | b; break;
    case PY_bitxor: r = a ^ b; break;
    case PY_shr: r = b > 126 ? (a < 0 ? -1 : 0) : a >> (int)b; break;
    case PY_shl: over = a && (b > 126 || __builtin_mul_overflow(a, (Int)1 << (int)b, &r)); break;
    default: eval_fail(ev, E0204, at, NULL, "'%s' is not defined for integers", pyop_info[op].text);
    }
    if (over) overflow(ev, at);
    return value_int(r);
}

static Value float_binary(Eval *ev, PyOp op, double a, double b, Span at)
{
    if ((op == PY_div || op == PY_floordiv || op == PY_mod) && b == 0) by_zero(ev, at);
    switch (op) {
    case PY_add: return value_float(a + b);
    case PY_sub: return value_float(a - b);
    case PY_mul: return value_float(a * b);
    case PY_div: return value_float(a / b);
    case PY_floordiv: return value_float(floor(a / b));
    case PY_mod: {
        double r = fmod(a, b);
        return value_float(r != 0 && (r < 0) != (b < 0) ? r + b : r);
    }
    case PY_pow:
        if (a < 0 && b != floor(b))
            eval_fail(ev, E0205, at, NULL, "a negative number to a power that is not whole");
        return value_float(pow(a, b));
    default: eval_fail(ev, E0204, at, NULL, "'%s' is not defined for floats", pyop_info[op].text);
    }
}

static double as_double(const Value *v)
{
    return v->kind == VAL_FLOAT ? v->f : (double)v->i;
}
static bool is_seq(const Value *v)
{
    return v->kind == VAL_TUPLE || v->kind == VAL_LIST;
}

static Value repeat(Eval *ev, const Value *v, Int times, Span at)
{
    Int n = times < 0 ? 0 : times;
    if (v->kind == VAL_STR) {
        Text t = text_new(&ev->cx->arena);
        if (n * (Int)v->len > 1 << 20)
            eval_fail(ev, E0216, at, NULL, "a string of more than %d characters", 1 << 20);
        while (n-- > 0) text_put(&t, v->s, v->len);
        return value_str(ev->cx, t.s, t.n);
    }
    if (n * v->seq->n > 1 << 20)
        eval_fail(ev, E0216, at, NULL, "a list of more than %d items", 1 << 20);
    Value r = value_seq(ev->cx, v->kind, 0);
    while (n-- > 0) seq_add_all(ev->cx, r.seq, v->seq);
    return r;
}

static Value join(Eval *ev, const Value *a, const Value *b, Span at)
{
    if (a->seq->n + b->seq->n > 1 << 20)
        eval_fail(ev, E0216, at, NULL, "a list of more than %d items", 1 << 20);
    Value r = value_seq(ev->cx, a->kind, 0);
    seq_add_all(ev->cx, r.seq, a->seq);
    seq_add_all(ev->cx, r.seq, b->seq);
    return r;
}

static Value set_binary(Eval *ev, PyOp op, const Value *a, const Value *b)
{
    Value r = value_set(ev->cx, NULL);
    for (int i = 0; i < a->dict->n; i++) {
        bool in = dict_find(b->dict, a->dict->key[i]) != NULL;
        if (op == PY_bitor || (op == PY_bitand) == in)
            dict_set(ev->cx, r.dict, a->dict->key[i], NONE_VALUE);
    }
    for (int k = 0; (op == PY_bitor || op == PY_bitxor) && k < b->dict->n; k++)
        if (!dict_find(a->dict, b->dict->key[k]))
            dict_set(ev->cx, r.dict, b->dict->key[k], NONE_VALUE);
    return r;
}

static bool implemented(const Value *v)
{
    return v->kind != VAL_FOREIGN || strcmp(v->s, "NotImplemented");
}

/* a method of the program's own class, if it has one; of the right side's, __radd__ for __add__ */
static bool by_method(Eval *ev, PyOp op, Value a, const Value *b, Span at, Value *out)
{
    static const struct {
        PyOp op;
        const char *method;
    } swapped[] = {{PY_lt, "__gt__"}, {PY_gt, "__lt__"}, {PY_le, "__ge__"},
                   {PY_ge, "__le__"}, {PY_eq, "__eq__"}, {PY_ne, "__ne__"}};
    const char *name = pyop_info[op].method;
    if (!*name) return false;
    if (call_special(ev, a, name, b, b != NULL, at, out) && implemented(out)) return true;
    if (op == PY_ne && call_special(ev, a, "__eq__", b, 1, at, out) && implemented(out)) {
        *out = value_bool(!to_bool(ev, *out, at, "the result of __eq__"));
        return true;
    }
    if (!b || b->kind != VAL_OBJECT) return false;
    const char *other = arena_printf(&ev->cx->arena, "__r%s", name + 2);
    for (int i = 0; i < COUNT(swapped); i++)
        if (swapped[i].op == op) other = swapped[i].method;
    return call_special(ev, *b, other, &a, 1, at, out) && implemented(out);
}

/* an operation on what is not known here is not known either, until somebody needs it */
static bool foreign_result(Eval *ev, PyOp op, const Value *a, const Value *b, Value *out)
{
    if (ev->launch || !value_known(a) || !value_known(b)) return false;
    for (int k = 0; k < 2; k++) /* the host's arithmetic keeps the shape of a tensor */
        if ((k ? b : a)->kind == VAL_OBJECT && (k ? b : a)->object->cls->foreign) {
            *out = k ? *b : *a;
            return true;
        }
    if (a->kind != VAL_FOREIGN && b->kind != VAL_FOREIGN) return false;
    const char *x = value_shown(ev, *a, true).s, *y = value_shown(ev, *b, true).s;
    *out = value_foreign(ev->cx, "(%s %s %s)", x, pyop_info[op].text, y);
    return true;
}

/* int | None, of types in isinstance: a tuple of them */
static bool is_type(const Value *v)
{
    return v->kind == VAL_BUILTIN || v->kind == VAL_CLASS || v->kind == VAL_NONE ||
           v->kind == VAL_FOREIGN;
}

static Value either_type(Eval *ev, const Value *a, const Value *b)
{
    Value out = value_seq(ev->cx, VAL_TUPLE, 0);
    for (int i = 0; a->kind == VAL_TUPLE && i < a->seq->n; i++)
        seq_add(ev->cx, out.seq, a->seq->at[i]);
    if (a->kind != VAL_TUPLE) seq_add(ev->cx, out.seq, *a);
    seq_add(ev->cx, out.seq, *b);
    return out;
}

/* members of a Flag: the member of the joined bits, or one without a name */
static Value flag_binary(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    Class *c = a.object->cls;
    Value bits = eval_binary(ev, op, plain_value(a), plain_value(b), at);
    const Value *m = class_member(c, &bits, c->attrs.n);
    return m ? *m : enum_member(ev, c, NONE_VALUE, bits);
}

Value eval_binary(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    Value out;
    if (a.kind == VAL_VECTOR || b.kind == VAL_VECTOR) return lanes_map(ev, op, a, b, at);
    if ((a.kind == VAL_OBJECT || b.kind == VAL_OBJECT) && by_method(ev, op, a, &b, at, &out))
        return out;
    if (a.kind == VAL_OBJECT && b.kind == VAL_OBJECT && a.object->cls->is_flag &&
        a.object->cls == b.object->cls)
        return flag_binary(ev, op, a, b, at);
    a = plain_value(a);
    b = plain_value(b);
    if (is_symbolic(&a) || is_symbolic(&b)) return symbolic(ev, op, a, b, at);
    if (op == PY_bitor && is_type(&b) && (is_type(&a) || a.kind == VAL_TUPLE) &&
        (a.kind != VAL_NONE || b.kind != VAL_NONE))
        return either_type(ev, &a, &b);
    if (op == PY_mod && a.kind == VAL_STR && prelude_lookup(ev, "str", "__mod__", &out))
        return call_simple(ev, out, (Value[]){a, b}, 2, at);
    if (foreign_result(ev, op, &a, &b, &out)) return out;
    if (ev->dump && ev->launch && is_int(&a) && is_int(&b) && b.i == 0 &&
        (op == PY_floordiv || op == PY_mod))
        return symbolic(ev, op, a, b, at); /* a dump may hold what fails when it runs */
    if (is_int(&a) && is_int(&b)) {
        Value r = int_binary(ev, op, a.i, b.i, at);
        bool logic = op == PY_bitand || op == PY_bitor || op == PY_bitxor;
        return logic && a.kind == VAL_BOOL && b.kind == VAL_BOOL ? value_bool(r.i) : r;
    }
    if (is_number(&a) && is_number(&b))
        return float_binary(ev, op, as_double(&a), as_double(&b), at);
    if (op == PY_add && a.kind == VAL_STR && b.kind == VAL_STR) {
        if (a.len + b.len > 1 << 20)
            eval_fail(ev, E0216, at, NULL, "a string of more than %d characters", 1 << 20);
        return value_text(ev->cx, "%s%s", a.s, b.s);
    }
    if (op == PY_add && is_seq(&a) && a.kind == b.kind) return join(ev, &a, &b, at);
    if (op == PY_mul && (a.kind == VAL_STR || is_seq(&a)) && is_int(&b))
        return repeat(ev, &a, b.i, at);
    if (op == PY_mul && (b.kind == VAL_STR || is_seq(&b)) && is_int(&a))
        return repeat(ev, &b, a.i, at);
    if (a.kind == VAL_SET && b.kind == VAL_SET &&
        (op == PY_bitand || op == PY_bitor || op == PY_sub || op == PY_bitxor))
        return set_binary(ev, op, &a, &b);
    if (op == PY_bitor && a.kind == VAL_DICT && b.kind == VAL_DICT) {
        Value r = value_dict(ev->cx);
        dict_add_all(ev->cx, r.dict, a.dict);
        dict_add_all(ev->cx, r.dict, b.dict);
        return r;
    }
    bad_operands(ev, op, &a, &b, at);
}

Value eval_unary(Eval *ev, PyOp op, Value a, Span at)
{
    Value out;
    if (op == PY_not) {
        Value s = simplify(plain_value(a));
        if (is_symbolic(&s) && s.kind != VAL_SLOT) return value_op(ev, OP_not, s, (Value){0}, at);
        return value_bool(!to_bool(ev, a, at, "the operand of 'not'"));
    }
    if (by_method(ev, op, a, NULL, at, &out)) return out;
    a = plain_value(a);
    if (is_symbolic(&a)) {
        if (op == PY_pos) return a;
        return value_op(ev, (Op)pyop_info[op].tile, a, (Value){0}, at);
    }
    if (is_int(&a)) return value_int(op == PY_neg ? -a.i : op == PY_invert ? ~a.i : a.i);
    if (a.kind == VAL_FLOAT && op != PY_invert) return value_float(op == PY_neg ? -a.f : a.f);
    if (a.kind == VAL_FOREIGN && !ev->launch)
        return value_foreign(ev->cx, "%s%s", pyop_info[op].text, a.s);
    bad_operands(ev, op, &a, NULL, at);
}

/* ---- comparisons ---- */

/* -1, 0, 1; 2: a NaN; 3: not comparable, or nested too deep */
static int order(const Value *a, const Value *b, int depth)
{
    if (is_int(a) && is_int(b)) return a->i < b->i ? -1 : a->i > b->i;
    if (is_number(a) && is_number(b)) {
        double x = as_double(a), y = as_double(b);
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    if (a->kind == VAL_STR && b->kind == VAL_STR) {
        int c = strcmp(a->s, b->s);
        return c < 0 ? -1 : c > 0;
    }
    if (is_seq(a) && a->kind == b->kind && depth < 20) {
        for (int i = 0; i < a->seq->n && i < b->seq->n; i++) {
            int c = value_same(&a->seq->at[i], &b->seq->at[i]) ? 0 : order(&a->seq->at[i], &b->seq->at[i], depth + 1);
            if (c) return c;
        }
        return a->seq->n < b->seq->n ? -1 : a->seq->n > b->seq->n;
    }
    return 3;
}

static bool contains(Eval *ev, const Value *in, const Value *v, Span at)
{
    Value out;
    if (in->kind == VAL_DICT || in->kind == VAL_SET) return dict_find(in->dict, *v) != NULL;
    if (in->kind == VAL_STR)
        return strstr(in->s, to_str(ev, *v, at, "the left side of 'in'")) != NULL;
    if (call_special(ev, *in, "__contains__", v, 1, at, &out))
        return to_bool(ev, out, at, "the result of __contains__");
    const Seq *s = eval_items(ev, *in, at);
    eval_spend(ev, s->n / 8, at);
    for (int i = 0; i < s->n; i++)
        if (value_same(&s->at[i], v)) return true;
    return false;
}

static bool is_data(const Value *v)
{
    return is_number(v) || v->kind == VAL_STR || is_seq(v) || v->kind == VAL_DICT ||
           v->kind == VAL_SET;
}

/* sets are ordered by what they hold, dataclasses with order=True by their fields */
static bool compare_parts(Eval *ev, PyOp op, Value *a, Value *b, Value *out)
{
    if (a->kind == VAL_SET && b->kind == VAL_SET) {
        bool turn = op == PY_gt || op == PY_ge;
        const Dict *less = turn ? b->dict : a->dict, *more = turn ? a->dict : b->dict;
        bool all = less->n <= more->n && (op == PY_le || op == PY_ge || less->n < more->n);
        for (int i = 0; i < less->n && all; i++) all = dict_find(more, less->key[i]) != NULL;
        *out = value_bool(all);
        return true;
    }
    for (int k = 0; k < 2; k++) {
        Value *v = k ? b : a;
        if (v->kind != VAL_OBJECT || !v->object->cls->is_record) continue;
        if (!v->object->cls->ordered) continue;
        *v = (Value){.kind = VAL_TUPLE, .seq = record_items(ev, v)};
    }
    return false;
}

static bool order_holds(PyOp op, int c)
{
    return c < 2 && (op == PY_lt ? c < 0 : op == PY_le ? c <= 0 : op == PY_gt ? c > 0 : c >= 0);
}

Value eval_compare(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    Value out;
    if (op == PY_is || op == PY_isnot) return value_bool(value_is(&a, &b) == (op == PY_is));
    if (op == PY_in || op == PY_notin) {
        if (is_symbolic(&a))
            eval_fail(ev, E0207, at, NULL,
                      "the left side of '%s' must be known when the kernel is compiled",
                      pyop_info[op].text);
        return value_bool(contains(ev, &b, &a, at) == (op == PY_in));
    }
    if ((a.kind == VAL_OBJECT || b.kind == VAL_OBJECT) && by_method(ev, op, a, &b, at, &out))
        return out;
    a = plain_value(a);
    b = plain_value(b);
    if (is_symbolic(&a) || is_symbolic(&b)) {
        bool equal = op == PY_eq || op == PY_ne;
        if (equal && (!may_be_element(&a) || !may_be_element(&b)))
            return value_bool(op == PY_ne); /* x == None */
        return symbolic(ev, op, a, b, at);
    }
    bool data = (a.kind == VAL_FOREIGN && is_data(&b)) || (b.kind == VAL_FOREIGN && is_data(&a));
    if (data && foreign_result(ev, op, &a, &b, &out)) return out;
    if (op == PY_eq || op == PY_ne) {
        return value_bool(value_same(&a, &b) == (op == PY_eq));
    }
    if (is_number(&a) && is_number(&b)) return value_bool(order_holds(op, order(&a, &b, 0)));
    if (compare_parts(ev, op, &a, &b, &out)) return out;
    if (foreign_result(ev, op, &a, &b, &out)) return out;
    if (a.kind != b.kind || (a.kind != VAL_STR && !is_seq(&a))) bad_operands(ev, op, &a, &b, at);
    int c = order(&a, &b, 0);
    if (c == 3) eval_fail(ev, E0204, at, NULL, "'%s' is not defined for items of these", pyop_info[op].text);
    return value_bool(order_holds(op, c));
}
