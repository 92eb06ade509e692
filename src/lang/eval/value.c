/* The values of the compile-time evaluator: makers, containers, equality. */
#include "lang/lang.h"
#include <string.h>

enum { MAXDEEP = 40 }; /* of what is compared of one value */

const ValueInfo value_info[NVAL] = {
#define VALUE(kind, name, scope, types) {name, scope, types},
#include "lang/values.def"
#undef VALUE
};
const char *const value_name[NVAL] = {
#define VALUE(kind, name, scope, types) name,
#include "lang/values.def"
#undef VALUE
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

Value value_iter(Cx *cx, const Seq *s)
{
    Value v = {.kind = VAL_ITER, .iter = NEW(&cx->arena, Iter)};
    v.iter->all = *s;
    return v;
}

Value value_dict(Cx *cx)
{
    return (Value){.kind = VAL_DICT, .dict = NEW(&cx->arena, Dict)};
}

Value value_key(const char *name)
{
    return (Value){.kind = VAL_STR, .s = name, .len = strlen(name)};
}

Value value_tuple(Cx *cx, Seq s)
{
    Value v = value_seq(cx, VAL_TUPLE, 0);
    *v.seq = s;
    return v;
}

Value value_object(Cx *cx, Class *c)
{
    Value v = {.kind = VAL_OBJECT, .object = NEW(&cx->arena, Object)};
    v.object->cls = c;
    return v;
}

Value value_partial(Cx *cx, Value fn, Seq pos, Dict named)
{
    Value v = {.kind = VAL_PARTIAL, .self = NEWN(&cx->arena, Value, 2), .fn = NEW(&cx->arena, Value)};
    *v.fn = fn;
    v.self[0] = value_seq(cx, VAL_TUPLE, 0);
    v.self[1] = value_dict(cx);
    seq_add_all(cx, v.self[0].seq, &pos);
    dict_add_all(cx, v.self[1].dict, &named);
    return v;
}

Value value_foreign(Cx *cx, const char *fmt, ...)
{
    Text t = text_new(&cx->arena);
    va_list ap;
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    Value v = value_str(cx, t.s ? t.s : "", MIN(t.n, 200));
    v.kind = VAL_FOREIGN;
    return v;
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

void seq_add_all(Cx *cx, Seq *s, const Seq *more)
{
    for (int i = 0, n = more->n; i < n; i++) seq_add(cx, s, more->at[i]);
}

/* ---- dicts: in order of insertion, with a hash of the keys as soon as there are many ---- */

enum { FEW = 12 }; /* keys that are searched one by one */

static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    return h;
}

/* equal values have equal hashes: 1, 1.0 and True; a type and its name; a named tuple and a tuple */
static uint64_t hash_of(const Value *v, int depth)
{
    Value plain = plain_value(*v);
    v = &plain;
    switch (v->kind) {
    case VAL_BOOL:
    case VAL_INT:
    case VAL_FLOAT: {
        double f = v->kind == VAL_FLOAT ? v->f : (double)v->i;
        return f == 0 ? 0 : hash_bytes((const char *)&f, sizeof f);
    }
    case VAL_DTYPE: return 1000 + (uint64_t)v->dtype;
    case VAL_STR:
        return dtype_named(v->s) ? 1000 + (uint64_t)dtype_named(v->s) : hash_bytes(v->s, v->len);
    case VAL_NONE: return 1;
    case VAL_FUNC:
    case VAL_BUILTIN:
    case VAL_CLASS: return hash_bytes((const char *)&v->func, sizeof v->func);
    case VAL_OBJECT:
        if (!v->object->cls->is_record)
            return hash_bytes((const char *)&v->object, sizeof v->object);
        break;
    case VAL_TUPLE: break;
    default: return 2;
    }
    Seq s = v->kind == VAL_TUPLE
                ? *v->seq
                : (Seq){v->object->attrs.n, v->object->attrs.cap, v->object->attrs.val};
    uint64_t h = (uint64_t)s.n;
    for (int i = 0; i < s.n && i < 16 && depth < 4; i++)
        h = h * 0x9e3779b97f4a7c15u + hash_of(&s.at[i], depth + 1);
    return h ^ h >> 29;
}

/* where the key is, or the free place where it goes */
static int *find_slot(const Dict *d, const Value *key)
{
    for (uint64_t i = hash_of(key, 0);; i++) {
        int *at = &d->slot[i & (uint64_t)(d->nslot - 1)];
        if (!*at || value_same(&d->key[*at - 1], key)) return at;
    }
}

static void fill_slots(Dict *d)
{
    memset(d->slot, 0, (size_t)d->nslot * sizeof *d->slot);
    for (int i = 0; i < d->n; i++) *find_slot(d, &d->key[i]) = i + 1;
}

Value *dict_find(const Dict *d, Value key)
{
    if (d->nslot) {
        int at = *find_slot(d, &key);
        return at ? &d->val[at - 1] : NULL;
    }
    for (int i = 0; i < d->n; i++)
        if (value_same(&d->key[i], &key)) return &d->val[i];
    return NULL;
}

static void dict_add(Cx *cx, Dict *d, Value key, Value v)
{
    Seq keys = {d->n, d->cap, d->key}, vals = {d->n, d->cap, d->val};
    seq_add(cx, &keys, key);
    seq_add(cx, &vals, v);
    d->n = keys.n;
    d->cap = keys.cap;
    d->key = keys.at;
    d->val = vals.at;
}

void dict_set(Cx *cx, Dict *d, Value key, Value v)
{
    Value *old = dict_find(d, key);
    if (old) {
        *old = v;
        return;
    }
    dict_add(cx, d, key, v);
    if (d->n > FEW && 2 * d->n > d->nslot) {
        d->nslot = MAX(4 * d->nslot, 64);
        d->slot = NEWN(&cx->arena, int, d->nslot);
        fill_slots(d);
    } else if (d->nslot) {
        *find_slot(d, &key) = d->n;
    }
}

void dict_add_all(Cx *cx, Dict *d, const Dict *more)
{
    for (int i = 0; i < more->n; i++) dict_set(cx, d, more->key[i], more->val[i]);
}

bool dict_remove(Dict *d, Value key)
{
    Value *v = dict_find(d, key);
    if (!v) return false;
    int i = (int)(v - d->val);
    memmove(&d->key[i], &d->key[i + 1], (size_t)(d->n - 1 - i) * sizeof *d->key);
    memmove(&d->val[i], &d->val[i + 1], (size_t)(d->n - 1 - i) * sizeof *d->val);
    d->n--;
    if (d->nslot) fill_slots(d);
    return true;
}

Value value_set(Cx *cx, const Seq *s)
{
    Value v = {.kind = VAL_SET, .dict = NEW(&cx->arena, Dict)};
    for (int i = 0; s && i < s->n; i++) dict_set(cx, v.dict, s->at[i], NONE_VALUE);
    return v;
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
    else if (d->nslot)
        dict_set(cx, d, value_key(name), v);
    else /* names are compared by their pointers: no hash */
        dict_add(cx, d, value_key(name), v);
}

/* ---- equality ---- */

bool is_int(const Value *v)
{
    return v->kind == VAL_INT || v->kind == VAL_BOOL;
}

bool is_number(const Value *v)
{
    return is_int(v) || v->kind == VAL_FLOAT;
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
    Value x = plain_value(*a), y = plain_value(*b);
    if (x.kind != a->kind || y.kind != b->kind) return same(&x, &y, left);
    if (is_number(a) && is_number(b)) {
        if (a->kind != VAL_FLOAT && b->kind != VAL_FLOAT) return a->i == b->i;
        const Value *f = a->kind == VAL_FLOAT ? a : b, *i = f == a ? b : a;
        if (i->kind == VAL_FLOAT) return a->f == b->f;
        return f->f == (double)i->i && (f->f >= 0x1p126 || f->f <= -0x1p126 || (Int)f->f == i->i);
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
        for (int i = 0; i < a->dict->n; i++)
            if (!dict_find(b->dict, a->dict->key[i])) return false;
        return a->dict->n == b->dict->n;
    case VAL_DICT:
        for (int i = 0; i < a->dict->n; i++) {
            const Value *other = dict_find(b->dict, a->dict->key[i]);
            if (!other || !same(&a->dict->val[i], other, left)) return false;
        }
        return a->dict->n == b->dict->n;
    case VAL_OBJECT:
        if (a->object == b->object) return true;
        if (a->object->cls != b->object->cls || !a->object->cls->is_record ||
            a->object->cls->by_identity || a->object->attrs.n != b->object->attrs.n)
            return false;
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
    case VAL_METHOD: return value_is(a->self, b->self) && value_is(a->fn, b->fn);
    default: return a->seq == b->seq; /* the same object: every other arm begins with a pointer */
    }
}

bool value_known(const Value *v)
{
    return v->kind < VAL_EXPR;
}

static bool hashable(const Value *v, int depth)
{
    if (v->kind == VAL_LIST || v->kind == VAL_DICT || v->kind == VAL_SET || !value_known(v))
        return false;
    for (int i = 0; v->kind == VAL_TUPLE && i < v->seq->n; i++)
        if (depth > MAXDEEP || !hashable(&v->seq->at[i], depth + 1)) return false;
    return true;
}

bool value_hashable(const Value *v)
{
    return hashable(v, 0);
}
