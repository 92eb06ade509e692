/* Methods of lists, tuples, sets, dicts, numbers, element types and functions. arg[0] is the object. */
#include "lang/lang.h"
#include <string.h>

/* ---- lists and tuples ---- */

/* the list, which its methods go through once */
static Seq *list_of(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_LIST) eval_spend(ev, c->arg[0].seq->n / 32, c->span);
    if (c->arg[0].kind != VAL_LIST)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' of a list, not of %s", c->fn->name,
                  value_name[c->arg[0].kind]);
    return c->arg[0].seq;
}

Value m_append(Eval *ev, Call *c)
{
    seq_add(ev->cx, c->arg[0].seq, c->arg[1]);
    return NONE_VALUE;
}

Value m_extend(Eval *ev, Call *c)
{
    Seq more = *eval_items(ev, c->arg[1], c->at[1]);
    Seq *to = list_of(ev, c);
    for (int i = 0; i < more.n; i++) seq_add(ev->cx, to, more.at[i]);
    return NONE_VALUE;
}

Value m_insert(Eval *ev, Call *c)
{
    Seq *s = list_of(ev, c);
    Int i = to_int(ev, c->arg[1], c->at[1], "an index");
    if (i < 0) i = MAX(i + s->n, 0);
    i = MIN(i, s->n);
    seq_add(ev->cx, s, c->arg[2]);
    memmove(&s->at[i + 1], &s->at[i], (size_t)(s->n - 1 - i) * sizeof *s->at);
    s->at[i] = c->arg[2];
    return NONE_VALUE;
}

static int find(const Seq *s, const Value *v)
{
    for (int i = 0; i < s->n; i++)
        if (value_same(&s->at[i], v)) return i;
    return -1;
}

Value m_index(Eval *ev, Call *c)
{
    const Seq *s = eval_items(ev, c->arg[0], c->at[0]);
    int i = find(s, &c->arg[1]);
    eval_spend(ev, s->n / 4, c->span);
    if (i < 0) eval_fail(ev, E0205, c->span, NULL, "the item is not there");
    return value_int(i);
}

Value m_count(Eval *ev, Call *c)
{
    const Seq *s = eval_items(ev, c->arg[0], c->at[0]);
    int n = 0;
    eval_spend(ev, s->n / 4, c->span);
    for (int i = 0; i < s->n; i++) n += value_same(&s->at[i], &c->arg[1]);
    return value_int(n);
}

static void take_out(Seq *s, Int i)
{
    memmove(&s->at[i], &s->at[i + 1], (size_t)(s->n - 1 - i) * sizeof *s->at);
    s->n--;
}

Value m_pop(Eval *ev, Call *c)
{
    Seq *s = list_of(ev, c);
    Int i = to_int(ev, c->arg[1], c->at[1], "an index");
    if (i < -s->n || i >= s->n)
        eval_fail(ev, E0213, c->span, NULL, "index %lld of %d items", (long long)i, s->n);
    if (i < 0) i += s->n;
    Value v = s->at[i];
    take_out(s, i);
    return v;
}

Value m_sort(Eval *ev, Call *c)
{
    sort_items(ev, c, list_of(ev, c), 1, 2);
    return NONE_VALUE;
}

Value m_list_copy(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    for (int i = 0; i < c->arg[0].seq->n; i++) seq_add(ev->cx, out.seq, c->arg[0].seq->at[i]);
    return out;
}

/* ---- sets ---- */

Value m_set_add(Eval *ev, Call *c)
{
    dict_set(ev->cx, c->arg[0].dict, eval_key(ev, c->arg[1], c->at[1]), NONE_VALUE);
    return NONE_VALUE;
}

Value m_set_remove(Eval *ev, Call *c)
{
    bool there = dict_remove(c->arg[0].dict, c->arg[1]);
    if (!there && !strcmp(c->fn->name, "remove"))
        eval_fail(raising(ev, "KeyError"), E0205, c->span, NULL, "the item is not in the set");
    return NONE_VALUE;
}

Value m_dict_clear(Eval *ev, Call *c)
{
    (void)ev;
    *c->arg[0].dict = (Dict){.missing = c->arg[0].dict->missing};
    return NONE_VALUE;
}

Value m_dict_copy(Eval *ev, Call *c)
{
    Value out = {.kind = c->arg[0].kind, .dict = NEW(&ev->cx->arena, Dict)};
    const Dict *d = c->arg[0].dict;
    for (int i = 0; i < d->n; i++) dict_set(ev->cx, out.dict, d->key[i], d->val[i]);
    out.dict->missing = d->missing;
    return out;
}

/* ---- dicts ---- */

Value m_values(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    for (int i = 0; i < c->arg[0].dict->n; i++) seq_add(ev->cx, out.seq, c->arg[0].dict->val[i]);
    return out;
}

Value m_keys(Eval *ev, Call *c)
{
    Value out = value_set(ev->cx, NULL); /* a set in order */
    for (int i = 0; i < c->arg[0].dict->n; i++)
        dict_set(ev->cx, out.dict, c->arg[0].dict->key[i], NONE_VALUE);
    return out;
}

Value m_items(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const Dict *d = c->arg[0].dict;
    for (int i = 0; i < d->n; i++)
        seq_add(ev->cx, out.seq, value_pair(ev->cx, d->key[i], d->val[i]));
    return out;
}

Value m_get(Eval *ev, Call *c)
{
    const Value *v = dict_find(c->arg[0].dict, c->arg[1]);
    (void)ev;
    return v ? *v : c->arg[2];
}

Value m_update(Eval *ev, Call *c)
{
    Dict *to = c->arg[0].dict;
    if (c->arg[1].kind == VAL_DICT) {
        const Dict d = *c->arg[1].dict;
        for (int i = 0; i < d.n; i++) dict_set(ev->cx, to, d.key[i], d.val[i]);
    } else if (c->arg[1].kind != VAL_NONE) {
        const Seq s = *eval_items(ev, c->arg[1], c->at[1]);
        for (int i = 0; i < s.n; i++) {
            const Seq *p = eval_items(ev, s.at[i], c->at[1]);
            if (p->n != 2)
                eval_fail(ev, E0205, c->at[1], NULL,
                          "an entry of a dict is a key and a value, not %d items", p->n);
            dict_set(ev->cx, to, eval_key(ev, p->at[0], c->at[1]), p->at[1]);
        }
    }
    for (int i = 0; i < c->others.n; i++) dict_set(ev->cx, to, c->others.key[i], c->others.val[i]);
    return NONE_VALUE;
}

Value m_dict_pop(Eval *ev, Call *c)
{
    Value *have = dict_find(c->arg[0].dict, c->arg[1]), v;
    if (!have && c->rest.n) return c->rest.at[0];
    if (!have) eval_fail(raising(ev, "KeyError"), E0205, c->span, NULL, "the dict has no such key");
    v = *have;
    dict_remove(c->arg[0].dict, c->arg[1]);
    return v;
}

/* ---- numbers, element types, functions ---- */

Value m_as_torch(Eval *ev, Call *c)
{
    (void)ev;
    return c->arg[0];
}

Value m_bit_length(Eval *ev, Call *c)
{
    Int i = to_int(ev, c->arg[0], c->at[0], "the number"), n = 0;
    for (i = i < 0 ? -i : i; i; i >>= 1) n++;
    return value_int(n);
}

Value m_bit_count(Eval *ev, Call *c)
{
    Int i = to_int(ev, c->arg[0], c->at[0], "the number"), n = 0;
    for (i = i < 0 ? -i : i; i; i >>= 1) n += i & 1;
    return value_int(n);
}

Value m_is_integer(Eval *ev, Call *c)
{
    (void)ev;
    return value_bool(c->arg[0].kind != VAL_FLOAT ||
                      (c->arg[0].f - c->arg[0].f == 0 && c->arg[0].f == (double)(long long)c->arg[0].f));
}

/* the cached results of a function are forgotten */
Value m_cache_clear(Eval *ev, Call *c)
{
    (void)ev;
    if (c->arg[0].kind == VAL_FUNC) c->arg[0].func->results = NULL;
    return NONE_VALUE;
}

/* f.compile(M=..., tunables...): the kernel that a factory makes */
Value m_compile(Eval *ev, Call *c)
{
    Args a = {.span = c->span, .callee = c->callee, .pos = c->rest};
    for (int i = 0; i < c->others.n; i++) {
        seq_add(ev->cx, &a.names, c->others.key[i]);
        seq_add(ev->cx, &a.named, c->others.val[i]);
    }
    if (c->arg[0].kind == VAL_FUNC && is_eager(c->arg[0].func))
        eval_fail(ev, E0901, c->span, "call it with its tensors", "'compile' of an eager kernel");
    return eval_call(ev, c->arg[0], &a);
}
