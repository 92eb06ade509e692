/* The values of the compile-time evaluator: makers, containers, equality, and how they are written.
 */
#include "lang/lang.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAXSHOWN = 1 << 16, MAXDEEP = 40 }; /* of what is written or compared of one value */

const char *const value_name[NVAL] = {
    [VAL_UNSET] = "nothing",
    [VAL_POISON] = "nothing",
    [VAL_NONE] = "None",
    [VAL_BOOL] = "a bool",
    [VAL_INT] = "an int",
    [VAL_FLOAT] = "a float",
    [VAL_STR] = "a string",
    [VAL_DTYPE] = "an element type",
    [VAL_ELLIPSIS] = "...",
    [VAL_TUPLE] = "a tuple",
    [VAL_LIST] = "a list",
    [VAL_SET] = "a set",
    [VAL_DICT] = "a dict",
    [VAL_SLICE] = "a slice",
    [VAL_RANGE] = "a range",
    [VAL_FUNC] = "a function",
    [VAL_BUILTIN] = "a function",
    [VAL_METHOD] = "a method",
    [VAL_PARTIAL] = "a function",
    [VAL_CLASS] = "a class",
    [VAL_OBJECT] = "an object",
    [VAL_MODULE] = "a module",
    [VAL_FOREIGN] = "a foreign object",
    [VAL_EXPR] = "a value of the kernel",
    [VAL_BUF] = "a buffer",
    [VAL_REF] = "an element or region of a buffer",
    [VAL_TENSOR] = "a tensor type",
    [VAL_LOOP] = "a loop",
    [VAL_FRAME] = "a context",
    [VAL_PIPE] = "a pipe",
    [VAL_ORDER] = "an order token",
    [VAL_SLOT] = "a slot",
    [VAL_POINTER] = "a pointer",
    [VAL_VECTOR] = "a packed value",
};

Value value_int(Int i)
{
    return (Value){.kind = VAL_INT, .i = i};
}

Value value_bool(bool b)
{
    return (Value){.kind = VAL_BOOL, .i = b};
}

Value value_float(double f)
{
    return (Value){.kind = VAL_FLOAT, .f = f};
}

Value value_str(Cx *cx, const char *s, size_t n)
{
    return (Value){.kind = VAL_STR, .s = intern_n(cx, s, n), .len = n};
}

Value value_text(Cx *cx, const char *fmt, ...)
{
    Text t = text_new(&cx->arena);
    va_list ap;
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    return value_str(cx, t.s, t.n);
}

Value value_dtype(DType t)
{
    return (Value){.kind = VAL_DTYPE, .dtype = t};
}

Value value_expr(Expr *e)
{
    return (Value){.kind = VAL_EXPR, .expr = e};
}

Value value_buf(Buf *b)
{
    return (Value){.kind = VAL_BUF, .buf = b};
}

Value value_seq(Cx *cx, ValueKind k, int n)
{
    Seq *s = NEW(&cx->arena, Seq);
    s->n = s->cap = n;
    s->at = NEWN(&cx->arena, Value, MAX(n, 1));
    return (Value){.kind = k, .seq = s};
}

/* ---- containers ---- */

void seq_add(Cx *cx, Seq *s, Value v)
{
    if (s->n == s->cap) {
        s->cap = MAX(2 * s->cap, 8);
        Value *more = NEWN(&cx->arena, Value, s->cap);
        if (s->n) memcpy(more, s->at, (size_t)s->n * sizeof *more);
        s->at = more;
    }
    s->at[s->n++] = v;
}

Value *dict_find(const Dict *d, Value key)
{
    for (int i = 0; i < d->n; i++)
        if (value_same(&d->key[i], &key)) return &d->val[i];
    return NULL;
}

void dict_set(Cx *cx, Dict *d, Value key, Value v)
{
    Value *old = dict_find(d, key);
    if (old) {
        *old = v;
        return;
    }
    Seq keys = {d->n, d->cap, d->key}, vals = {d->n, d->cap, d->val};
    seq_add(cx, &keys, key);
    seq_add(cx, &vals, v);
    *d = (Dict){keys.n, keys.cap, keys.at, vals.at};
}

Value *attr_find(const Dict *d, const char *name)
{
    for (int i = 0; i < d->n; i++)
        if (d->key[i].s == name) return &d->val[i];
    return NULL;
}

void attr_set(Cx *cx, Dict *d, const char *name, Value v)
{
    Value *old = attr_find(d, name);
    if (old)
        *old = v;
    else
        dict_set(cx, d, (Value){.kind = VAL_STR, .s = name, .len = strlen(name)}, v);
}

/* ---- equality ---- */

static bool is_number(const Value *v)
{
    return v->kind == VAL_INT || v->kind == VAL_BOOL || v->kind == VAL_FLOAT;
}

typedef struct {
    int steps, depth;
} Left; /* of a comparison: lists may hold themselves, or share parts without end */

static bool same(const Value *a, const Value *b, Left *left);

static bool same_items(const Seq *a, const Seq *b, Left *left)
{
    if (a->n != b->n) return false;
    for (int i = 0; i < a->n; i++)
        if (!same(&a->at[i], &b->at[i], left)) return false;
    return true;
}

/* what takes too many steps differs */
static bool same_parts(const Value *a, const Value *b, Left *left)
{
    if (is_number(a) && is_number(b)) {
        if (a->kind != VAL_FLOAT && b->kind != VAL_FLOAT) return a->i == b->i;
        return (a->kind == VAL_FLOAT ? a->f : (double)a->i) ==
               (b->kind == VAL_FLOAT ? b->f : (double)b->i);
    }
    if (a->kind == VAL_DTYPE && b->kind == VAL_STR) return a->dtype == dtype_named(b->s);
    if (a->kind == VAL_STR && b->kind == VAL_DTYPE) return b->dtype == dtype_named(a->s);
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case VAL_STR: return a->len == b->len && !memcmp(a->s, b->s, a->len);
    case VAL_FOREIGN: return a->s == b->s;
    case VAL_DTYPE: return a->dtype == b->dtype;
    case VAL_TUPLE:
    case VAL_LIST:
    case VAL_SLICE:
    case VAL_RANGE: return a->seq == b->seq || same_items(a->seq, b->seq, left);
    case VAL_SET:
        for (int i = 0; i < a->seq->n; i++) {
            bool in = false;
            for (int k = 0; k < b->seq->n; k++) in |= same(&a->seq->at[i], &b->seq->at[k], left);
            if (!in) return false;
        }
        return a->seq->n == b->seq->n;
    case VAL_DICT:
        for (int i = 0; i < a->dict->n; i++) {
            const Value *other = dict_find(b->dict, a->dict->key[i]);
            if (!other || !same(&a->dict->val[i], other, left)) return false;
        }
        return a->dict->n == b->dict->n;
    case VAL_OBJECT:
        if (a->object == b->object) return true;
        if (a->object->cls != b->object->cls || !a->object->cls->is_record) return false;
        for (int i = 0; i < a->object->attrs.n; i++)
            if (!same(&a->object->attrs.val[i], &b->object->attrs.val[i], left)) return false;
        return true;
    case VAL_EXPR: return expr_same(a->expr, b->expr);
    default: return value_is(a, b);
    }
}

static bool same(const Value *a, const Value *b, Left *left)
{
    if (--left->steps < 0 || ++left->depth > MAXDEEP) return false;
    bool r = same_parts(a, b, left);
    left->depth--;
    return r;
}

bool value_same(const Value *a, const Value *b)
{
    return same(a, b, &(Left){.steps = 1 << 20});
}

bool value_is(const Value *a, const Value *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case VAL_NONE:
    case VAL_ELLIPSIS: return true;
    case VAL_BOOL:
    case VAL_INT: return a->i == b->i;
    case VAL_FLOAT: return a->f == b->f;
    case VAL_STR:
    case VAL_FOREIGN: return a->s == b->s;
    case VAL_DTYPE: return a->dtype == b->dtype;
    default: return a->seq == b->seq; /* the same object: every other arm begins with a pointer */
    }
}

bool value_known(const Value *v)
{
    return v->kind < VAL_EXPR;
}

/* ---- as text ---- */

static void show_int(Text *out, Int i)
{
    char digits[48], *c = digits + sizeof digits;
    bool neg = i < 0;
    *--c = 0;
    do {
        int d = (int)(i % 10);
        *--c = (char)('0' + (d < 0 ? -d : d));
    } while ((i /= 10) != 0);
    text_add(out, "%s%s", neg ? "-" : "", c);
}

static void show_float(Text *out, double f)
{
    char s[40];
    if (isnan(f) || isinf(f)) {
        text_add(out, "%s", isnan(f) ? "nan" : f > 0 ? "inf" : "-inf");
        return;
    }
    double size = fabs(f);
    int least = size >= 1 && size < 1e16 ? (int)log10(size) + 1 : 1;
    for (int digits = least; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, f);
        if (strtod(s, NULL) == f) break;
    }
    text_add(out, "%s%s", s, strpbrk(s, ".e") ? "" : ".0");
}

static void show_items(Text *out, const Seq *s, const char *open, const char *close)
{
    text_add(out, "%s", open);
    out->indent++; /* counts how deep this is: nothing here is a line */
    for (int i = 0; i < s->n && out->n <= MAXSHOWN; i++) {
        text_add(out, i ? ", " : "");
        value_show(out, &s->at[i], true);
    }
    out->indent--;
    text_add(out, "%s", close);
}

static void show_pairs(Text *out, const Dict *d, const char *between)
{
    out->indent++;
    for (int i = 0; i < d->n && out->n <= MAXSHOWN; i++) {
        text_add(out, i ? ", " : "");
        value_show(out, &d->key[i], between[0] == ':');
        text_add(out, "%s", between);
        value_show(out, &d->val[i], true);
    }
    out->indent--;
}

static void show_ref(Text *out, const Ref *r)
{
    text_add(out, "%s[", r->buf->name);
    for (int d = 0; d < r->buf->ndim; d++) {
        text_add(out, d ? ", " : "");
        print_expr(out, r->lo[d]);
        if (!r->hi[d]) continue;
        text_add(out, ":");
        print_expr(out, r->hi[d]);
    }
    text_add(out, "]");
}

void value_show(Text *out, const Value *v, bool repr)
{
    if (out->n > MAXSHOWN || out->indent > MAXDEEP) {
        text_add(out, "...");
        return;
    }
    switch (v->kind) {
    case VAL_NONE: text_add(out, "None"); break;
    case VAL_BOOL: text_add(out, v->i ? "True" : "False"); break;
    case VAL_INT: show_int(out, v->i); break;
    case VAL_FLOAT: show_float(out, v->f); break;
    case VAL_STR:
        if (repr) text_add(out, "'");
        text_put(out, v->s, v->len);
        if (repr) text_add(out, "'");
        break;
    case VAL_DTYPE: text_add(out, "%s", dtype_info[v->dtype].name); break;
    case VAL_ELLIPSIS: text_add(out, "Ellipsis"); break;
    case VAL_TUPLE: show_items(out, v->seq, "(", v->seq->n == 1 ? ",)" : ")"); break;
    case VAL_LIST: show_items(out, v->seq, "[", "]"); break;
    case VAL_SET: show_items(out, v->seq, v->seq->n ? "{" : "set(", v->seq->n ? "}" : ")"); break;
    case VAL_SLICE: show_items(out, v->seq, "slice(", ")"); break;
    case VAL_RANGE: show_items(out, v->seq, "range(", ")"); break;
    case VAL_DICT:
        text_add(out, "{");
        show_pairs(out, v->dict, ": ");
        text_add(out, "}");
        break;
    case VAL_OBJECT:
        text_add(out, "%s(", v->object->cls->name);
        show_pairs(out, &v->object->attrs, "=");
        text_add(out, ")");
        break;
    case VAL_FUNC: text_add(out, "<function %s>", v->func->name); break;
    case VAL_CLASS: text_add(out, "<class '%s'>", v->cls->name); break;
    case VAL_MODULE: text_add(out, "<module '%s'>", v->module->name); break;
    case VAL_FOREIGN: text_add(out, "%s", v->s); break;
    case VAL_EXPR: print_expr(out, v->expr); break;
    case VAL_BUF: text_add(out, "%s", v->buf->name); break;
    case VAL_REF: show_ref(out, v->ref); break;
    default: text_add(out, "<%s>", value_name[v->kind]);
    }
}

/* ---- format() ---- */

typedef struct {
    char fill, align, sign, type;
    bool alt, comma;
    int width, prec;
} Format;

static bool parse_format(const char *s, Format *f)
{
    *f = (Format){.fill = ' ', .prec = -1};
    if (s[0] && s[1] && strchr("<>=^", s[1])) {
        f->fill = *s++;
        f->align = *s++;
    } else if (*s && strchr("<>=^", *s)) {
        f->align = *s++;
    }
    if (*s && strchr("+- ", *s)) f->sign = *s++;
    if (*s == '#') f->alt = *s++;
    if (*s == '0' && !f->align) {
        f->fill = '0';
        f->align = '=';
    }
    while (*s >= '0' && *s <= '9' && f->width < 1000) f->width = f->width * 10 + (*s++ - '0');
    if (*s == ',' || *s == '_') f->comma = *s++;
    if (*s == '.') {
        s++;
        for (f->prec = 0; *s >= '0' && *s <= '9' && f->prec < 1000;)
            f->prec = f->prec * 10 + (*s++ - '0');
    }
    if (*s) f->type = *s++;
    return !*s && !f->comma && f->prec < 100;
}

static const char *format_int(Text *t, Int i, const Format *f)
{
    int base = f->type == 'x' || f->type == 'X' ? 16 : f->type == 'b' ? 2 : f->type == 'o' ? 8 : 10;
    const char *digit = f->type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char buf[140], *c = buf + sizeof buf;
    *--c = 0;
    Int v = i < 0 ? -i : i;
    do *--c = digit[(int)(v % base)];
    while ((v /= base) != 0);
    text_add(t, "%s%s", f->alt && base != 10 ? (char[]){'0', f->type, 0} : "", c);
    return i < 0 ? "-" : f->sign == '+' ? "+" : f->sign == ' ' ? " " : "";
}

static const char *format_float(Text *t, double x, const Format *f)
{
    char spec[8] = {'%', '.', '*', f->type == '%' ? 'f' : f->type ? f->type : 'g', 0};
    char s[512];
    int prec = f->prec < 0 ? (f->type ? 6 : 12) : f->prec;
    snprintf(s, sizeof s, spec, prec, fabs(f->type == '%' ? 100 * x : x));
    text_add(t, "%s%s", s, f->type == '%' ? "%" : "");
    return signbit(x) ? "-" : f->sign == '+' ? "+" : f->sign == ' ' ? " " : "";
}

void value_format(Eval *ev, Text *out, const Value *v, const char *spec, Span at)
{
    Format f;
    if (!*spec) {
        value_show(out, v, false);
        return;
    }
    bool number = is_number(v);
    Text t = text_new(&ev->cx->arena);
    const char *sign = "";
    bool known = parse_format(spec, &f);
    if (known && number && v->kind != VAL_FLOAT && (!f.type || strchr("dxXbo", f.type)))
        sign = format_int(&t, v->i, &f);
    else if (known && number && (!f.type || strchr("eEfFgG%", f.type)))
        sign = format_float(&t, v->kind == VAL_FLOAT ? v->f : (double)v->i, &f);
    else if (known && !number && (!f.type || f.type == 's')) {
        value_show(&t, v, false);
        if (f.prec >= 0 && (size_t)f.prec < t.n) t.s[t.n = (size_t)f.prec] = 0;
    } else
        eval_fail(ev, E0204, at, NULL, "the format '%s' does not fit %s", spec,
                  value_name[v->kind]);
    int pad = f.width - (int)t.n - (int)strlen(sign);
    char align = f.align ? f.align : number ? '>' : '<';
    int left = align == '>' ? pad : align == '^' ? pad / 2 : 0;
    for (int i = 0; i < left; i++) text_put(out, &f.fill, 1);
    text_add(out, "%s", sign);
    for (int i = 0; align == '=' && i < pad; i++) text_put(out, &f.fill, 1);
    text_put(out, t.s, t.n);
    for (int i = 0; (align == '<' || align == '^') && i < pad - left; i++)
        text_put(out, &f.fill, 1);
}
