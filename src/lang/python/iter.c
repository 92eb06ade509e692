/* Python's functions on items: containers and their methods, iterators. What follows from these is said in prelude/py.py, list.py,
   dict.py, ... */
#include "lang/lang.h"
#include <string.h>

static Seq *items(Eval *ev, Call *c, int slot)
{
    return eval_items(ev, c->arg[slot], c->at[slot]);
}

static Value copy_of(Eval *ev, ValueKind k, const Seq *s)
{
    Value v = value_seq(ev->cx, k, 0);
    eval_spend(ev, s->n / 8, (Span){0});
    for (int i = 0; i < s->n; i++) seq_add(ev->cx, v.seq, s->at[i]);
    return v;
}

/* ---- containers ---- */

Value py_len(Eval *ev, Call *c)
{
    Value v = c->arg[0], n;
    switch (v.kind) {
    case VAL_STR: {
        Int count = 0;
        for (size_t i = 0; i < v.len; i++) count += ((unsigned char)v.s[i] & 0xc0) != 0x80;
        return value_int(count);
    }
    case VAL_SET:
    case VAL_DICT: return value_int(v.dict->n);
    case VAL_OBJECT:
        if (call_special(ev, v, "__len__", NULL, 0, c->span, &n))
            return value_int(to_int(ev, n, c->span, "the length"));
        if (v.object->cls->is_tuple) return value_int(v.object->cls->fields.n);
        break;
    case VAL_LIST:
    case VAL_TUPLE:
    case VAL_RANGE:
    case VAL_CLASS:
    case VAL_FOREIGN: return value_int(items(ev, c, 0)->n);
    default: break;
    }
    eval_fail(ev, E0204, c->at[0], NULL, "%s has no length", value_name[v.kind]);
}

Value py_range(Eval *ev, Call *c)
{
    Value v = value_seq(ev->cx, VAL_RANGE, 3);
    bool both = c->arg[1].kind != VAL_NONE;
    v.seq->at[0] = both ? plain_value(c->arg[0]) : value_int(0);
    v.seq->at[1] = plain_value(c->arg[both]);
    v.seq->at[2] = c->arg[2];
    for (int i = 0; i < 3; i++)
        if (!is_symbolic(&v.seq->at[i])) to_int(ev, v.seq->at[i], c->span, "a bound of range()");
    Value step = simplify(c->arg[2]);
    if (step.kind == VAL_INT && step.i == 0) eval_fail(ev, E0205, c->at[2], NULL, "a step of 0");
    return v;
}

Value py_slice(Eval *ev, Call *c)
{
    Value v = value_seq(ev->cx, VAL_SLICE, 3);
    bool one = c->rest.n < 2; /* slice(stop) */
    for (int i = 0; i < 3; i++) v.seq->at[i] = NONE_VALUE;
    for (int i = 0; i < MIN(c->rest.n, 3); i++) v.seq->at[one ? 1 : i] = c->rest.at[i];
    return v;
}

/* tuple(items), list(items) */
Value py_sequence(Eval *ev, Call *c)
{
    const Seq none = {0};
    return copy_of(ev, (ValueKind)c->fn->op, c->arg[0].kind == VAL_NONE ? &none : items(ev, c, 0));
}

Value py_set(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_NONE) return value_set(ev->cx, NULL);
    const Seq *s = items(ev, c, 0);
    for (int i = 0; i < s->n; i++) eval_key(ev, s->at[i], c->at[0]);
    return value_set(ev->cx, s);
}

/* dict(entries, name=...) of a dict or of pairs; defaultdict(factory, entries, ...) */
Value py_dict(Eval *ev, Call *c)
{
    Value out = value_dict(ev->cx), from = c->arg[c->fn->op];
    Span at = c->at[c->fn->op];
    const Seq none = {0}, *pairs = from.kind == VAL_DICT || from.kind == VAL_NONE ? &none : eval_items(ev, from, at);
    if (from.kind == VAL_DICT) dict_add_all(ev->cx, out.dict, from.dict);
    for (int i = 0; i < pairs->n; i++) {
        const Seq *p = eval_items(ev, pairs->at[i], at);
        if (p->n != 2)
            eval_fail(ev, E0205, at, NULL, "an entry of a dict is a key and a value, not %d items", p->n);
        dict_set(ev->cx, out.dict, eval_key(ev, p->at[0], at), p->at[1]);
    }
    dict_add_all(ev->cx, out.dict, &c->others);
    if (!c->fn->op || c->arg[0].kind == VAL_NONE) return out;
    out.dict->missing = NEW(&ev->cx->arena, Value);
    *out.dict->missing = c->arg[0];
    return out;
}

typedef struct {
    Value item, key;
} Keyed;

/* merges two sorted halves; equal items keep their order */
static void merge_sort(Eval *ev, Keyed *at, int n, bool down, Keyed *room, Span span)
{
    int half = n / 2, i = 0, k = half;
    if (n < 2) return;
    merge_sort(ev, at, half, down, room, span);
    merge_sort(ev, at + half, n - half, down, room, span);
    for (int to = 0; to < n; to++) {
        bool second = i == half;
        eval_step(ev, span);
        if (i < half && k < n)
            second = to_bool(ev, eval_compare(ev, PY_lt, at[down ? i : k].key, at[down ? k : i].key, span), span, "a comparison");
        room[to] = at[second ? k++ : i++];
    }
    memcpy(at, room, (size_t)n * sizeof *at);
}

Value py_sorted(Eval *ev, Call *c)
{
    Value out = copy_of(ev, VAL_LIST, items(ev, c, 0));
    int n = out.seq->n;
    Keyed *all = NEWN(&ev->cx->arena, Keyed, 2 * n + 1);
    for (int i = 0; i < n; i++) {
        Value v = all[i].item = out.seq->at[i];
        all[i].key = c->arg[1].kind == VAL_NONE ? v : call_simple(ev, c->arg[1], &v, 1, c->span);
    }
    merge_sort(ev, all, n, to_bool(ev, c->arg[2], c->at[2], "reverse"), all + n, c->span);
    for (int i = 0; i < n; i++) out.seq->at[i] = all[i].item;
    return out;
}

Value m_append(Eval *ev, Call *c)
{
    seq_add(ev->cx, c->arg[0].seq, c->arg[1]);
    return NONE_VALUE;
}

Value m_discard(Eval *ev, Call *c)
{
    (void)ev;
    dict_remove(c->arg[0].dict, c->arg[1]);
    return NONE_VALUE;
}

Value m_clear(Eval *ev, Call *c)
{
    (void)ev;
    *c->arg[0].dict = (Dict){.missing = c->arg[0].dict->missing};
    return NONE_VALUE;
}

/* ---- iterators ---- */

Value py_iter(Eval *ev, Call *c)
{
    return c->arg[0].kind == VAL_ITER ? c->arg[0] : value_iter(ev->cx, items(ev, c, 0));
}

Value py_next(Eval *ev, Call *c)
{
    Value v = c->arg[0], out;
    if (v.kind == VAL_OBJECT && call_special(ev, v, "__next__", NULL, 0, c->span, &out)) return out;
    if (v.kind != VAL_ITER)
        eval_fail(ev, E0204, c->at[0], "iter(x) makes one", "%s is no iterator", value_name[v.kind]);
    if (v.iter->at < v.iter->all.n) return v.iter->all.at[v.iter->at++];
    if (c->rest.n) return c->rest.at[0];
    eval_fail(raising(ev, "StopIteration"), E0205, c->span, NULL, "there is no next item");
}

/* ---- strings ---- */

Value m_join(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    const Seq *s = eval_items(ev, c->arg[1], c->at[1]);
    for (int i = 0; i < s->n; i++)
        text_add(&t, "%s%s", i ? c->arg[0].s : "",
                 to_str(ev, plain_value(s->at[i]), c->at[1], "an item to join"));
    return text_value(ev, &t, c->span);
}

Value m_find(Eval *ev, Call *c)
{
    const char *s = c->arg[0].s, *hit = strstr(s, to_str(ev, c->arg[1], c->at[1], "the text"));
    Int at = 0;
    for (const char *p = s; hit && p < hit; p++) at += ((unsigned char)*p & 0xc0) != 0x80;
    return value_int(hit ? at : -1);
}

/* upper, lower */
Value m_case(Eval *ev, Call *c)
{
    char *s = arena_copy(&ev->cx->arena, c->arg[0].s, c->arg[0].len), first = c->fn->name[0] == 'u' ? 'a' : 'A';
    for (char *p = s; *p; p++)
        if (*p >= first && *p < first + 26) *p ^= 'a' ^ 'A';
    return value_str(ev->cx, s, c->arg[0].len);
}

