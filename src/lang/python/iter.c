/* Python's functions on items: containers, iterators, itertools, and the containers of collections. */
#include "lang/lang.h"
#include <string.h>

enum { MAXMADE = 1 << 18 };

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

static Value iter_of(Eval *ev, const Value *list)
{
    return value_iter(ev->cx, list->seq);
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

Value py_set(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_NONE) return value_set(ev->cx, NULL);
    const Seq *s = items(ev, c, 0);
    for (int i = 0; i < s->n; i++) eval_key(ev, s->at[i], c->at[0]);
    return value_set(ev->cx, s);
}

/* the entries of a dict, or of pairs */
static void add_entries(Eval *ev, Dict *to, Call *c, int slot)
{
    Value from = c->arg[slot];
    if (from.kind == VAL_DICT) {
        for (int i = 0; i < from.dict->n; i++)
            dict_set(ev->cx, to, from.dict->key[i], from.dict->val[i]);
        return;
    }
    if (from.kind == VAL_NONE) return;
    const Seq *s = items(ev, c, slot);
    for (int i = 0; i < s->n; i++) {
        const Seq *p = eval_items(ev, s->at[i], c->at[slot]);
        if (p->n != 2)
            eval_fail(ev, E0205, c->at[slot], NULL,
                      "an entry of a dict is a key and a value, not %d items", p->n);
        dict_set(ev->cx, to, eval_key(ev, p->at[0], c->at[slot]), p->at[1]);
    }
}

Value py_dict(Eval *ev, Call *c)
{
    Value out = value_dict(ev->cx);
    add_entries(ev, out.dict, c, 0);
    for (int i = 0; i < c->others.n; i++)
        dict_set(ev->cx, out.dict, c->others.key[i], c->others.val[i]);
    return out;
}

/* defaultdict(factory, ...) */
Value py_defaultdict(Eval *ev, Call *c)
{
    Value out = value_dict(ev->cx);
    add_entries(ev, out.dict, c, 1);
    for (int i = 0; i < c->others.n; i++)
        dict_set(ev->cx, out.dict, c->others.key[i], c->others.val[i]);
    if (c->arg[0].kind == VAL_NONE) return out;
    out.dict->missing = NEW(&ev->cx->arena, Value);
    *out.dict->missing = c->arg[0];
    return out;
}

/* Counter(items): how often each is there */
Value py_counter(Eval *ev, Call *c)
{
    Value out = value_dict(ev->cx);
    const Seq none = {0}, *s = c->arg[0].kind == VAL_NONE ? &none : items(ev, c, 0);
    for (int i = 0; i < s->n; i++) {
        const Value *have = dict_find(out.dict, s->at[i]);
        dict_set(ev->cx, out.dict, eval_key(ev, s->at[i], c->at[0]), value_int(have ? have->i + 1 : 1));
    }
    out.dict->missing = NEW(&ev->cx->arena, Value);
    *out.dict->missing = (Value){.kind = VAL_BUILTIN, .builtin = builtin_find("py", "int")};
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

static Value key_of(Eval *ev, Call *c, const Value *key, const Value *item)
{
    return key->kind == VAL_NONE ? *item : call_simple(ev, *key, item, 1, c->span);
}

/* merges two sorted halves; equal items keep their order */
static void merge_sort(Eval *ev, Value *item, Value *key, int n, bool down, Value *room, Span at)
{
    int half = n / 2, i = 0, k = half, to = 0;
    if (n < 2) return;
    merge_sort(ev, item, key, half, down, room, at);
    merge_sort(ev, item + half, key + half, n - half, down, room, at);
    while (i < half || k < n) {
        bool second = i == half;
        eval_step(ev, at);
        if (i < half && k < n)
            second = to_bool(ev, down ? eval_compare(ev, PY_lt, key[i], key[k], at)
                                      : eval_compare(ev, PY_lt, key[k], key[i], at),
                             at, "a comparison");
        int from = second ? k++ : i++;
        room[2 * to] = item[from];
        room[2 * to++ + 1] = key[from];
    }
    for (i = 0; i < n; i++) {
        item[i] = room[2 * i];
        key[i] = room[2 * i + 1];
    }
}

/* also list.sort: in place */
void sort_items(Eval *ev, Call *c, Seq *s, int key, int reverse)
{
    Value *keys = NEWN(&ev->cx->arena, Value, s->n + 1),
          *room = NEWN(&ev->cx->arena, Value, 2 * s->n + 1);
    for (int i = 0; i < s->n; i++) keys[i] = key_of(ev, c, &c->arg[key], &s->at[i]);
    merge_sort(ev, s->at, keys, s->n, to_bool(ev, c->arg[reverse], c->at[reverse], "reverse"), room,
               c->span);
}

Value py_sorted(Eval *ev, Call *c)
{
    Value out = copy_of(ev, VAL_LIST, items(ev, c, 0));
    sort_items(ev, c, out.seq, 1, 2);
    return out;
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

Value py_enumerate(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *s = items(ev, c, 0);
    Int start = to_int(ev, c->arg[1], c->at[1], "start");
    for (int i = 0; i < s->n; i++)
        seq_add(ev->cx, out.seq, value_pair(ev->cx, value_int(start + i), s->at[i]));
    return iter_of(ev, &out);
}

/* tuples of the items of several lists side by side: as long as the shortest, or the longest */
static Value side_by_side(Eval *ev, Call *c, bool strict, const Value *fill)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    Seq **list = NEWN(&ev->cx->arena, Seq *, c->rest.n + 1);
    int n = 0;
    for (int k = 0; k < c->rest.n; k++) {
        list[k] = eval_items(ev, c->rest.at[k], c->span);
        if (k && list[k]->n != n && strict)
            eval_fail(ev, E0205, c->span, NULL, "lists of %d and %d items", n, list[k]->n);
        n = !k ? list[k]->n : fill ? MAX(n, list[k]->n) : MIN(n, list[k]->n);
    }
    for (int i = 0; i < n; i++) {
        Value t = value_seq(ev->cx, VAL_TUPLE, c->rest.n);
        for (int k = 0; k < c->rest.n; k++) t.seq->at[k] = i < list[k]->n ? list[k]->at[i] : *fill;
        seq_add(ev->cx, out.seq, t);
    }
    return out;
}

Value py_zip(Eval *ev, Call *c)
{
    Value out = side_by_side(ev, c, to_bool(ev, c->arg[1], c->at[1], "strict"), NULL);
    return iter_of(ev, &out);
}

Value py_reversed(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *s = items(ev, c, 0);
    for (int i = s->n - 1; i >= 0; i--) seq_add(ev->cx, out.seq, s->at[i]);
    return iter_of(ev, &out);
}

Value py_map(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *rows = side_by_side(ev, c, false, NULL).seq;
    for (int i = 0; i < rows->n; i++)
        seq_add(ev->cx, out.seq,
                call_simple(ev, c->arg[0], rows->at[i].seq->at, rows->at[i].seq->n, c->span));
    return iter_of(ev, &out);
}

static bool holds(Eval *ev, Call *c, const Value *item)
{
    return to_bool(ev, key_of(ev, c, &c->arg[0], item), c->span, "the filter");
}

Value py_filter(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Seq *s = items(ev, c, 1);
    for (int i = 0; i < s->n; i++)
        if (holds(ev, c, &s->at[i])) seq_add(ev->cx, out.seq, s->at[i]);
    return iter_of(ev, &out);
}

/* ---- itertools ---- */

Value py_product(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0), lists = value_seq(ev->cx, VAL_LIST, 0);
    Int repeat = to_int(ev, c->arg[1], c->at[1], "repeat"), total = 1;
    int given = c->rest.n;
    for (int i = 0; i < given; i++)
        seq_add(ev->cx, lists.seq, copy_of(ev, VAL_LIST, eval_items(ev, c->rest.at[i], c->span)));
    for (Int r = 1; r < repeat && lists.seq->n < 64; r++)
        for (int i = 0; i < given; i++) seq_add(ev->cx, lists.seq, lists.seq->at[i]);
    if (repeat < 1) lists.seq->n = 0;
    for (int i = 0; i < lists.seq->n; i++) {
        total *= lists.seq->at[i].seq->n;
        if (total > MAXMADE)
            eval_fail(ev, E0216, c->span, NULL, "more than %d combinations", (int)MAXMADE);
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
    return iter_of(ev, &out);
}

/* the choices of r of n items from place `from` on: in any order, or in the order of the items */
typedef struct {
    const Seq *from;
    int r;
    bool any_order, again;
    int pick[64];
    Value out;
} Choice;

