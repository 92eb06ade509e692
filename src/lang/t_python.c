/* Python's own functions on items, types and functions: builtins, itertools, functools,
 * dataclasses. */
#include "lang/lang.h"
#include <string.h>

/* ---- items ---- */

static Seq *items(Eval *ev, Call *c, int slot)
{
    return eval_items(ev, c->arg[slot], c->at[slot]);
}

static Value copy_of(Eval *ev, ValueKind k, const Seq *s)
{
    Value v = value_seq(ev->cx, k, 0);
    for (int i = 0; i < s->n; i++) seq_add(ev->cx, v.seq, s->at[i]);
    return v;
}

static Value pair(Eval *ev, Value a, Value b)
{
    Value v = value_seq(ev->cx, VAL_TUPLE, 2);
    v.seq->at[0] = a;
    v.seq->at[1] = b;
    return v;
}

Value py_len(Eval *ev, Call *c)
{
    Value v = c->arg[0];
    if (v.kind == VAL_STR) return value_int((Int)v.len);
    if (v.kind == VAL_DICT) return value_int(v.dict->n);
    return value_int(items(ev, c, 0)->n);
}

Value py_range(Eval *ev, Call *c)
{
    Value v = value_seq(ev->cx, VAL_RANGE, 3);
    bool both = c->arg[1].kind != VAL_NONE;
    v.seq->at[0] = both ? c->arg[0] : value_int(0);
    v.seq->at[1] = c->arg[both];
    v.seq->at[2] = c->arg[2];
    for (int i = 0; i < 3; i++)
        if (!is_symbolic(&v.seq->at[i])) to_int(ev, v.seq->at[i], c->span, "a bound of range()");
    Value step = simplify(c->arg[2]);
    if (step.kind == VAL_INT && step.i == 0) eval_fail(ev, E0205, c->at[2], NULL, "a step of 0");
    return v;
}

Value py_enumerate(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *s = items(ev, c, 0);
    Int start = to_int(ev, c->arg[1], c->at[1], "start");
    for (int i = 0; i < s->n; i++)
        seq_add(ev->cx, out.seq, pair(ev, value_int(start + i), s->at[i]));
    return out;
}

Value py_zip(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    int n = 0;
    for (int k = 0; k < c->rest.n; k++) {
        int len = eval_items(ev, c->rest.at[k], c->span)->n;
        if (k && len != n && to_bool(ev, c->arg[1], c->at[1], "strict"))
            eval_fail(ev, E0205, c->span, NULL, "lists of %d and %d items", n, len);
        n = k ? MIN(n, len) : len;
    }
    for (int i = 0; i < n; i++) {
        Value t = value_seq(ev->cx, VAL_TUPLE, c->rest.n);
        for (int k = 0; k < c->rest.n; k++)
            t.seq->at[k] = eval_items(ev, c->rest.at[k], c->span)->at[i];
        seq_add(ev->cx, out.seq, t);
    }
    return out;
}

Value py_tuple(Eval *ev, Call *c)
{
    return c->arg[0].kind == VAL_NONE ? value_seq(ev->cx, VAL_TUPLE, 0)
                                      : copy_of(ev, VAL_TUPLE, items(ev, c, 0));
}

Value py_list(Eval *ev, Call *c)
{
    return c->arg[0].kind == VAL_NONE ? value_seq(ev->cx, VAL_LIST, 0)
                                      : copy_of(ev, VAL_LIST, items(ev, c, 0));
}

static bool in_seq(const Seq *s, const Value *v)
{
    for (int i = 0; i < s->n; i++)
        if (value_same(&s->at[i], v)) return true;
    return false;
}

Value py_set(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_SET, 0);
    if (c->arg[0].kind == VAL_NONE) return out;
    const Seq *s = items(ev, c, 0);
    for (int i = 0; i < s->n; i++)
        if (!in_seq(out.seq, &s->at[i])) seq_add(ev->cx, out.seq, s->at[i]);
    return out;
}

Value py_dict(Eval *ev, Call *c)
{
    Value out = {.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
    if (c->arg[0].kind == VAL_DICT) {
        for (int i = 0; i < c->arg[0].dict->n; i++)
            dict_set(ev->cx, out.dict, c->arg[0].dict->key[i], c->arg[0].dict->val[i]);
    } else if (c->arg[0].kind != VAL_NONE) {
        const Seq *s = items(ev, c, 0);
        for (int i = 0; i < s->n; i++) {
            const Seq *p = eval_items(ev, s->at[i], c->at[0]);
            if (p->n != 2)
                eval_fail(ev, E0205, c->at[0], NULL,
                          "an entry of a dict is a key and a value, not %d items", p->n);
            dict_set(ev->cx, out.dict, p->at[0], p->at[1]);
        }
    }
    for (int i = 0; i < c->others.n; i++)
        dict_set(ev->cx, out.dict, c->others.key[i], c->others.val[i]);
    return out;
}

Value py_all(Eval *ev, Call *c)
{
    const Seq *s = items(ev, c, 0);
    for (int i = 0; i < s->n; i++)
        if (!to_bool(ev, s->at[i], c->at[0], "an item")) return value_bool(false);
    return value_bool(true);
}

Value py_any(Eval *ev, Call *c)
{
    const Seq *s = items(ev, c, 0);
    for (int i = 0; i < s->n; i++)
        if (to_bool(ev, s->at[i], c->at[0], "an item")) return value_bool(true);
    return value_bool(false);
}

Value py_reversed(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *s = items(ev, c, 0);
    for (int i = s->n - 1; i >= 0; i--) seq_add(ev->cx, out.seq, s->at[i]);
    return out;
}

/* by insertion: lists at compile time are short, and equal items keep their order */
Value py_sorted(Eval *ev, Call *c)
{
    Value out = copy_of(ev, VAL_LIST, items(ev, c, 0)), keys = value_seq(ev->cx, VAL_LIST, 0);
    bool down = to_bool(ev, c->arg[2], c->at[2], "reverse");
    for (int i = 0; i < out.seq->n; i++)
        seq_add(ev->cx, keys.seq,
                c->arg[1].kind == VAL_NONE
                    ? out.seq->at[i]
                    : call_simple(ev, c->arg[1], &out.seq->at[i], 1, c->span));
    for (int i = 1; i < out.seq->n; i++) {
        Value item = out.seq->at[i], key = keys.seq->at[i];
        int k = i;
        for (; k > 0; k--) {
            Value before = down ? eval_compare(ev, PY_lt, keys.seq->at[k - 1], key, c->span)
                                : eval_compare(ev, PY_lt, key, keys.seq->at[k - 1], c->span);
            eval_step(ev, c->span);
            if (!to_bool(ev, before, c->span, "a comparison")) break;
            out.seq->at[k] = out.seq->at[k - 1];
            keys.seq->at[k] = keys.seq->at[k - 1];
        }
        out.seq->at[k] = item;
        keys.seq->at[k] = key;
    }
    return out;
}

Value py_map(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    Call z = {.span = c->span, .rest = c->rest, .arg[1] = value_bool(false)};
    const Seq *rows = py_zip(ev, &z).seq;
    for (int i = 0; i < rows->n; i++)
        seq_add(ev->cx, out.seq,
                call_simple(ev, c->arg[0], rows->at[i].seq->at, rows->at[i].seq->n, c->span));
    return out;
}

Value py_filter(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *s = items(ev, c, 1);
    for (int i = 0; i < s->n; i++) {
        Value keep = c->arg[0].kind == VAL_NONE ? s->at[i]
                                                : call_simple(ev, c->arg[0], &s->at[i], 1, c->span);
        if (to_bool(ev, keep, c->span, "the filter")) seq_add(ev->cx, out.seq, s->at[i]);
    }
    return out;
}

/* ---- strings, types, attributes ---- */

static Value shown(Eval *ev, Value v, bool repr)
{
    Text t = text_new(&ev->cx->arena);
    value_show(&t, &v, repr);
    return value_str(ev->cx, t.s, t.n);
}

Value py_str(Eval *ev, Call *c)
{
    return shown(ev, c->arg[0], false);
}
Value py_repr(Eval *ev, Call *c)
{
    return shown(ev, c->arg[0], true);
}

static bool is_of(const Value *v, const Value *type)
{
    static const struct {
        const char *name;
        ValueKind kind;
    } kinds[] = {
        {"int", VAL_INT}, {"int", VAL_BOOL},    {"bool", VAL_BOOL},   {"float", VAL_FLOAT},
        {"str", VAL_STR}, {"list", VAL_LIST},   {"tuple", VAL_TUPLE}, {"dict", VAL_DICT},
        {"set", VAL_SET}, {"dtype", VAL_DTYPE}, {"Tensor", VAL_BUF},  {"Buffer", VAL_BUF},
    };
    if (type->kind == VAL_CLASS) {
        for (const Class *c = v->kind == VAL_OBJECT ? v->object->cls : NULL; c; c = c->base)
            if (c == type->cls) return true;
        return false;
    }
    if (type->kind != VAL_BUILTIN) return false;
    for (int i = 0; i < COUNT(kinds); i++)
        if (kinds[i].kind == v->kind && !strcmp(kinds[i].name, type->builtin->name)) return true;
    return false;
}

Value py_isinstance(Eval *ev, Call *c)
{
    (void)ev;
    if (c->arg[1].kind != VAL_TUPLE) return value_bool(is_of(&c->arg[0], &c->arg[1]));
    for (int i = 0; i < c->arg[1].seq->n; i++)
        if (is_of(&c->arg[0], &c->arg[1].seq->at[i])) return value_bool(true);
    return value_bool(false);
}

Value py_type(Eval *ev, Call *c)
{
    static const char *const names[NVAL] = {
        [VAL_INT] = "int",   [VAL_BOOL] = "bool",   [VAL_FLOAT] = "float", [VAL_STR] = "str",
        [VAL_LIST] = "list", [VAL_TUPLE] = "tuple", [VAL_DICT] = "dict",   [VAL_SET] = "set"};
    Value v = c->arg[0];
    if (v.kind == VAL_OBJECT) return (Value){.kind = VAL_CLASS, .cls = v.object->cls};
    if (!names[v.kind]) eval_fail(ev, E0901, c->span, NULL, "the type of %s", value_name[v.kind]);
    return (Value){.kind = VAL_BUILTIN, .builtin = builtin_find("py", names[v.kind])};
}

/* an attribute that is there, without failing when it is not */
static bool has(const Value *v, const char *name, Value *out)
{
    if (v->kind != VAL_OBJECT && v->kind != VAL_CLASS) return false;
    Value *a = v->kind == VAL_OBJECT ? attr_find(&v->object->attrs, name) : NULL;
    for (const Class *c = v->kind == VAL_OBJECT ? v->object->cls : v->cls; c && !a; c = c->base)
        a = attr_find(&c->attrs, name);
    if (a) *out = *a;
    return a != NULL;
}

Value py_getattr(Eval *ev, Call *c)
{
    Value out;
    const char *name = to_str(ev, c->arg[1], c->at[1], "the name of an attribute");
    bool object = c->arg[0].kind == VAL_OBJECT || c->arg[0].kind == VAL_CLASS;
    if (object && !has(&c->arg[0], name, &out)) return c->arg[2];
    return eval_attr(ev, c->arg[0], name, c->at[1]);
}

Value py_hasattr(Eval *ev, Call *c)
{
    Value out;
    return value_bool(
        has(&c->arg[0], to_str(ev, c->arg[1], c->at[1], "the name of an attribute"), &out));
}

Value py_callable(Eval *ev, Call *c)
{
    ValueKind k = c->arg[0].kind;
    (void)ev;
    return value_bool(k == VAL_FUNC || k == VAL_BUILTIN || k == VAL_METHOD || k == VAL_PARTIAL ||
                      k == VAL_CLASS);
}

/* ---- decorators and function tools ---- */

static Func *func_arg(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_FUNC)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' decorates a function, not %s", c->fn->name,
                  value_name[c->arg[0].kind]);
    return c->arg[0].func;
}

Value py_property(Eval *ev, Call *c)
{
    func_arg(ev, c)->property = true;
    return c->arg[0];
}

Value py_staticmethod(Eval *ev, Call *c)
{
    func_arg(ev, c)->is_static = true;
    return c->arg[0];
}

Value py_classmethod(Eval *ev, Call *c)
{
    func_arg(ev, c)->is_classmethod = true;
    return c->arg[0];
}

static Value partial(Eval *ev, Value fn, Seq *pos, Dict *named)
{
    Value v = {.kind = VAL_PARTIAL,
               .self = NEWN(&ev->cx->arena, Value, 2),
               .fn = NEW(&ev->cx->arena, Value)};
    *v.fn = fn;
    v.self[0] = (Value){.kind = VAL_TUPLE, .seq = pos};
    v.self[1] = (Value){.kind = VAL_DICT, .dict = named};
    return v;
}

Value py_partial(Eval *ev, Call *c)
{
    Seq *pos = NEW(&ev->cx->arena, Seq);
    Dict *named = NEW(&ev->cx->arena, Dict);
    *pos = c->rest;
    *named = c->others;
    return partial(ev, c->arg[0], pos, named);
}

/* a decorator with options, whose function comes with the next call */
static Value later(Eval *ev, Call *c)
{
    return partial(ev, (Value){.kind = VAL_BUILTIN, .builtin = c->fn}, NEW(&ev->cx->arena, Seq),
                   NEW(&ev->cx->arena, Dict));
}

Value py_cache(Eval *ev, Call *c)
{
    bool given = c->arg[0].kind != VAL_NONE && c->arg[0].kind != VAL_INT;
    return given ? c->arg[0] : later(ev, c);
}

Value py_wraps(Eval *ev, Call *c)
{
    return partial(ev, (Value){.kind = VAL_BUILTIN, .builtin = builtin_find("functools", "cache")},
                   NEW(&ev->cx->arena, Seq), (c->others.n = 0, NEW(&ev->cx->arena, Dict)));
}

Value py_reduce(Eval *ev, Call *c)
{
    const Seq *s = items(ev, c, 1);
    int i = 0;
    if (c->arg[2].kind == VAL_NONE && !s->n)
        eval_fail(ev, E0205, c->span, NULL, "'reduce' of nothing");
    Value v = c->arg[2].kind == VAL_NONE ? s->at[i++] : c->arg[2];
    for (; i < s->n; i++) v = call_simple(ev, c->arg[0], (Value[]){v, s->at[i]}, 2, c->span);
    return v;
}

Value py_dataclass(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_NONE) return later(ev, c);
    if (c->arg[0].kind != VAL_CLASS)
        eval_fail(ev, E0204, c->at[0], NULL, "'dataclass' decorates a class, not %s",
                  value_name[c->arg[0].kind]);
    c->arg[0].cls->is_record = true;
    return c->arg[0];
}

Value py_field(Eval *ev, Call *c)
{
    return c->arg[1].kind == VAL_NONE ? c->arg[0] : call_simple(ev, c->arg[1], NULL, 0, c->span);
}

Value py_auto(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return (Value){.kind = VAL_ELLIPSIS}; /* the class gives it its number */
}

Value py_namedtuple(Eval *ev, Call *c)
{
    Class *cls = NEW(&ev->cx->arena, Class);
    *cls = (Class){.name = to_str(ev, c->arg[0], c->at[0], "the name of the class"),
                   .is_record = true};
    if (c->arg[1].kind == VAL_STR) {
        for (const char *s = c->arg[1].s; *s; s += strspn(s, ", ")) {
            size_t n = strcspn(s, ", ");
            seq_add(ev->cx, &cls->fields, value_str(ev->cx, s, n));
            s += n;
        }
    } else {
        const Seq *s = items(ev, c, 1);
        for (int i = 0; i < s->n; i++)
            seq_add(
                ev->cx, &cls->fields,
                value_text(ev->cx, "%s", to_str(ev, s->at[i], c->at[1], "the name of a field")));
    }
    return (Value){.kind = VAL_CLASS, .cls = cls};
}

Value py_product(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0), lists = value_seq(ev->cx, VAL_LIST, 0);
    Int repeat = to_int(ev, c->arg[1], c->at[1], "repeat"), total = 1;
    for (Int r = 0; r < repeat && lists.seq->n < 64; r++)
        for (int i = 0; i < c->rest.n; i++)
            seq_add(ev->cx, lists.seq,
                    (Value){.kind = VAL_LIST, .seq = eval_items(ev, c->rest.at[i], c->span)});
    for (int i = 0; i < lists.seq->n; i++) {
        total *= lists.seq->at[i].seq->n;
        if (total > 1 << 18)
            eval_fail(ev, E0206, c->span, NULL, "more than %d combinations", 1 << 18);
    }
    for (Int k = 0; k < total; k++) {
        Value t = value_seq(ev->cx, VAL_TUPLE, lists.seq->n);
        Int left = k;
        for (int i = lists.seq->n - 1; i >= 0; i--) {
            t.seq->at[i] = lists.seq->at[i].seq->at[left % lists.seq->at[i].seq->n];
            left /= lists.seq->at[i].seq->n;
        }
        seq_add(ev->cx, out.seq, t);
    }
    return out;
}

Value py_chain(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    for (int i = 0; i < c->rest.n; i++) {
        const Seq *s = eval_items(ev, c->rest.at[i], c->span);
        for (int k = 0; k < s->n; k++) seq_add(ev->cx, out.seq, s->at[k]);
    }
    return out;
}
