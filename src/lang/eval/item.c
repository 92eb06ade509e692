/* Items of known containers: v[i], v[lo:hi:step], d[key], and the program's own __getitem__. */
#include "lang/lang.h"
#include <string.h>

/* where a slice of n items begins and ends (lo, and the first place that is not taken), as Python
   counts it */
void slice_bounds(Eval *ev, const Value *slice, int n, Span at, Int *lo, Int *hi, Int *step)
{
    const Value *part = slice->seq->at;
    *step = part[2].kind == VAL_NONE ? 1 : to_int(ev, part[2], at, "a step");
    if (*step == 0) eval_fail(ev, E0205, at, NULL, "a step of 0");
    Int least = *step > 0 ? 0 : -1, most = *step > 0 ? n : n - 1;
    Int *end[2] = {lo, hi};
    for (int k = 0; k < 2; k++) {
        bool first = (k == 0) == (*step > 0);
        if (part[k].kind == VAL_NONE) {
            *end[k] = first ? least : most;
            continue;
        }
        Int i = to_int(ev, part[k], at, "an index");
        if (i < 0) i += n;
        *end[k] = i < least ? least : i > most ? most : i;
    }
}

bool spread(Eval *ev, const Seq *items, int n, int star, Seq *out)
{
    if (star < 0 ? items->n != n : items->n < n - 1) return false;
    for (int k = 0, i = 0; k < n; k++) {
        Value rest = value_seq(ev->cx, VAL_LIST, 0);
        for (int more = items->n - (n - 1); k == star && more > 0; more--) seq_add(ev->cx, rest.seq, items->at[i++]);
        seq_add(ev->cx, out, k == star ? rest : items->at[i++]);
    }
    return true;
}

int item_index(Eval *ev, Value idx, int n, Span at)
{
    Int i = to_int(ev, idx, at, "the index of a list or tuple");
    if (i < -n || i >= n) eval_fail(ev, E0213, at, NULL, "index %lld of %d items", (long long)i, n);
    return (int)(i < 0 ? i + n : i);
}

static Value slice_of(Eval *ev, const Value *v, const Value *slice, const Seq *s, Span at)
{
    Int lo, hi, step;
    Value out = value_seq(ev->cx, v->kind == VAL_TUPLE ? VAL_TUPLE : VAL_LIST, 0);
    slice_bounds(ev, slice, s->n, at, &lo, &hi, &step);
    eval_spend(ev, s->n / 8, at);
    for (Int i = lo; step > 0 ? i < hi : i > hi; i += step) seq_add(ev->cx, out.seq, s->at[i]);
    if (v->kind != VAL_STR) return out;
    Text t = text_new(&ev->cx->arena);
    for (int i = 0; i < out.seq->n; i++) text_put(&t, out.seq->at[i].s, out.seq->at[i].len);
    return value_str(ev->cx, t.s, t.n);
}

static Value sequence_item(Eval *ev, const Value *v, Value idx, Span at)
{
    const Seq *s = eval_items(ev, *v, at);
    if (v->kind == VAL_RANGE && idx.kind == VAL_SLICE) {
        Int lo, hi, step, by = v->seq->at[2].i, from = v->seq->at[0].i;
        Value part = value_seq(ev->cx, VAL_RANGE, 3);
        slice_bounds(ev, &idx, s->n, at, &lo, &hi, &step);
        Int bound[3] = {from + lo * by, from + hi * by, step * by};
        for (int i = 0; i < 3; i++) part.seq->at[i] = value_int(bound[i]);
        return part;
    }
    if (idx.kind == VAL_SLICE) return slice_of(ev, v, &idx, s, at);
    return s->at[item_index(ev, idx, s->n, at)];
}

static Value dict_item(Eval *ev, const Value *v, const Value *key, Span at)
{
    Value *found = dict_find(v->dict, *key);
    if (found) return *found;
    if (v->dict->missing) {
        Value made = call_simple(ev, *v->dict->missing, NULL, 0, at);
        dict_set(ev->cx, v->dict, eval_key(ev, *key, at), made);
        return made;
    }
    const char *text = value_shown(ev, *key, true).s;
    eval_fail(raising(ev, "KeyError"), E0205, at, NULL, "the dict has no key %s", text);
}

Value item_of(Eval *ev, Value v, Value idx, Span at)
{
    Value out;
    if (plain_value(v).kind == VAL_TUPLE) v = plain_value(v);
    switch (v.kind) {
    case VAL_LIST:
    case VAL_TUPLE:
    case VAL_RANGE:
    case VAL_DTYPE:
    case VAL_STR: return sequence_item(ev, &v, idx, at);
    case VAL_DICT: return dict_item(ev, &v, &idx, at);
    case VAL_FOREIGN: return v; /* a type hint such as Optional[int] */
    case VAL_CLASS: {
        if (!v.cls->is_enum) return v; /* of a generic class */
        const char *name = to_str(ev, idx, at, "a member's name");
        if (class_find(v.cls, intern(ev->cx, name))) return *class_find(v.cls, intern(ev->cx, name));
        eval_fail(raising(ev, "KeyError"), E0205, at, NULL, "'%s' has no member '%s'", v.cls->name, name);
    }
    case VAL_OBJECT:
        if (call_special(ev, v, "__getitem__", &idx, 1, at, &out)) return out;
        if (v.object->cls->foreign) return value_foreign(ev->cx, "%s[...]", v.object->cls->name);
        eval_fail(ev, E0204, at, NULL, "'%s' has no items", v.object->cls->name);
    default: eval_fail(ev, E0204, at, NULL, "%s has no items", value_name[v.kind]);
    }
}
