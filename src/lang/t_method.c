/* Methods of lists, dicts, strings and element types. arg[0] is the object. */
#include "lang/lang.h"
#include <string.h>

/* ---- lists and sets ---- */

static Seq *list_of(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_TUPLE)
        eval_fail(ev, E0204, c->at[0], NULL, "a tuple cannot be changed");
    return c->arg[0].seq;
}

Value m_append(Eval *ev, Call *c)
{
    seq_add(ev->cx, list_of(ev, c), c->arg[1]);
    return NONE_VALUE;
}

Value m_extend(Eval *ev, Call *c)
{
    Seq more = *eval_items(ev, c->arg[1], c->at[1]);
    for (int i = 0; i < more.n; i++) seq_add(ev->cx, list_of(ev, c), more.at[i]);
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

Value m_index(Eval *ev, Call *c)
{
    const Seq *s = c->arg[0].seq;
    for (int i = 0; i < s->n; i++)
        if (value_same(&s->at[i], &c->arg[1])) return value_int(i);
    eval_fail(ev, E0205, c->span, NULL, "the item is not in the list");
}

Value m_count(Eval *ev, Call *c)
{
    const Seq *s = c->arg[0].seq;
    int n = 0;
    (void)ev;
    for (int i = 0; i < s->n; i++) n += value_same(&s->at[i], &c->arg[1]);
    return value_int(n);
}

Value m_pop(Eval *ev, Call *c)
{
    Seq *s = list_of(ev, c);
    Int i = to_int(ev, c->arg[1], c->at[1], "an index");
    if (i < -s->n || i >= s->n)
        eval_fail(ev, E0213, c->span, NULL, "index %lld of %d items", (long long)i, s->n);
    if (i < 0) i += s->n;
    Value v = s->at[i];
    memmove(&s->at[i], &s->at[i + 1], (size_t)(s->n - 1 - i) * sizeof *s->at);
    s->n--;
    return v;
}

Value m_add(Eval *ev, Call *c)
{
    const Seq *s = c->arg[0].seq;
    for (int i = 0; i < s->n; i++)
        if (value_same(&s->at[i], &c->arg[1])) return NONE_VALUE;
    return m_append(ev, c);
}

Value m_copy(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_DICT) {
        Value out = {.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
        const Dict *d = c->arg[0].dict;
        for (int i = 0; i < d->n; i++) dict_set(ev->cx, out.dict, d->key[i], d->val[i]);
        return out;
    }
    Value out = value_seq(ev->cx, c->arg[0].kind, 0);
    for (int i = 0; i < c->arg[0].seq->n; i++) seq_add(ev->cx, out.seq, c->arg[0].seq->at[i]);
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
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    for (int i = 0; i < c->arg[0].dict->n; i++) seq_add(ev->cx, out.seq, c->arg[0].dict->key[i]);
    return out;
}

Value m_items(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    for (int i = 0; i < c->arg[0].dict->n; i++) {
        Value p = value_seq(ev->cx, VAL_TUPLE, 2);
        p.seq->at[0] = c->arg[0].dict->key[i];
        p.seq->at[1] = c->arg[0].dict->val[i];
        seq_add(ev->cx, out.seq, p);
    }
    return out;
}

Value m_get(Eval *ev, Call *c)
{
    const Value *v = dict_find(c->arg[0].dict, c->arg[1]);
    (void)ev;
    return v ? *v : c->arg[2];
}

Value m_setdefault(Eval *ev, Call *c)
{
    const Value *v = dict_find(c->arg[0].dict, c->arg[1]);
    if (v) return *v;
    dict_set(ev->cx, c->arg[0].dict, c->arg[1], c->arg[2]);
    return c->arg[2];
}

Value m_update(Eval *ev, Call *c)
{
    Dict *to = c->arg[0].dict;
    if (c->arg[1].kind == VAL_DICT) {
        const Dict d = *c->arg[1].dict;
        for (int i = 0; i < d.n; i++) dict_set(ev->cx, to, d.key[i], d.val[i]);
    } else if (c->arg[1].kind != VAL_NONE) {
        eval_fail(ev, E0204, c->at[1], NULL, "a dict is updated from a dict, not %s",
                  value_name[c->arg[1].kind]);
    }
    for (int i = 0; i < c->others.n; i++) dict_set(ev->cx, to, c->others.key[i], c->others.val[i]);
    return NONE_VALUE;
}

Value m_dict_pop(Eval *ev, Call *c)
{
    Dict *d = c->arg[0].dict;
    for (int i = 0; i < d->n; i++) {
        if (!value_same(&d->key[i], &c->arg[1])) continue;
        Value v = d->val[i];
        memmove(&d->key[i], &d->key[i + 1], (size_t)(d->n - 1 - i) * sizeof *d->key);
        memmove(&d->val[i], &d->val[i + 1], (size_t)(d->n - 1 - i) * sizeof *d->val);
        d->n--;
        return v;
    }
    (void)ev;
    return c->arg[2];
}

/* ---- strings ---- */

Value m_join(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    const Seq *s = eval_items(ev, c->arg[1], c->at[1]);
    for (int i = 0; i < s->n; i++)
        text_add(&t, "%s%s", i ? c->arg[0].s : "",
                 to_str(ev, s->at[i], c->at[1], "an item to join"));
    return value_str(ev->cx, t.s, t.n);
}

/* "{} {0} {name} {x:>4}" */
Value m_format(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    int next = 0;
    for (const char *s = c->arg[0].s; *s; s++) {
        if ((*s == '{' || *s == '}') && s[1] == *s) {
            text_put(&t, s++, 1);
            continue;
        }
        if (*s != '{') {
            text_put(&t, s, 1);
            continue;
        }
        size_t len = strcspn(++s, "}"), name = strcspn(s, ":}");
        if (!s[len]) eval_fail(ev, E0205, c->at[0], NULL, "a field of the format is not closed");
        const char *key = intern_n(ev->cx, s, name),
                   *spec = name < len ? intern_n(ev->cx, s + name + 1, len - name - 1) : "";
        bool number = strspn(key, "0123456789") == strlen(key);
        int k = !*key ? next++ : 0;
        for (const char *d = key; number && *d && k < 1000; d++) k = k * 10 + (*d - '0');
        const Value *v =
            number ? (k < c->rest.n ? &c->rest.at[k] : NULL) : attr_find(&c->others, key);
        if (!v)
            eval_fail(ev, E0205, c->span, NULL, "the format has a field '%s' without a value", key);
        value_format(ev, &t, v, spec, c->span);
        s += len;
    }
    return value_str(ev->cx, t.s, t.n);
}

Value m_split(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const char *s = c->arg[0].s;
    if (c->arg[1].kind == VAL_NONE) {
        for (s += strspn(s, " \t\n"); *s; s += strspn(s, " \t\n")) {
            size_t n = strcspn(s, " \t\n");
            seq_add(ev->cx, out.seq, value_str(ev->cx, s, n));
            s += n;
        }
        return out;
    }
    const char *sep = to_str(ev, c->arg[1], c->at[1], "a separator");
    if (!*sep) eval_fail(ev, E0205, c->at[1], NULL, "an empty separator");
    for (const char *end; (end = strstr(s, sep)); s = end + strlen(sep))
        seq_add(ev->cx, out.seq, value_str(ev->cx, s, (size_t)(end - s)));
    seq_add(ev->cx, out.seq, value_str(ev->cx, s, strlen(s)));
    return out;
}

Value m_startswith(Eval *ev, Call *c)
{
    const char *start = to_str(ev, c->arg[1], c->at[1], "the beginning");
    return value_bool(!strncmp(c->arg[0].s, start, strlen(start)));
}

Value m_endswith(Eval *ev, Call *c)
{
    const char *end = to_str(ev, c->arg[1], c->at[1], "the end");
    size_t n = strlen(end);
    return value_bool(n <= c->arg[0].len && !strcmp(c->arg[0].s + c->arg[0].len - n, end));
}

Value m_isdigit(Eval *ev, Call *c)
{
    const char *s = c->arg[0].s;
    (void)ev;
    return value_bool(*s && strspn(s, "0123456789") == strlen(s));
}

static Value change_case(Eval *ev, Call *c, char from, char to)
{
    char *s = arena_copy(&ev->cx->arena, c->arg[0].s, c->arg[0].len);
    for (char *p = s; *p; p++)
        if (*p >= from && *p <= from + 25) *p = (char)(*p - from + to);
    return value_str(ev->cx, s, c->arg[0].len);
}

Value m_upper(Eval *ev, Call *c)
{
    return change_case(ev, c, 'a', 'A');
}

Value m_lower(Eval *ev, Call *c)
{
    return change_case(ev, c, 'A', 'a');
}

Value m_strip(Eval *ev, Call *c)
{
    const char *s = c->arg[0].s, *end = s + c->arg[0].len;
    while (*s && strchr(" \t\r\n", *s)) s++;
    while (end > s && strchr(" \t\r\n", end[-1])) end--;
    return value_str(ev->cx, s, (size_t)(end - s));
}

Value m_replace(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    const char *s = c->arg[0].s, *old = to_str(ev, c->arg[1], c->at[1], "the old text"),
               *by = to_str(ev, c->arg[2], c->at[2], "the new text");
    if (!*old) return c->arg[0];
    for (const char *hit; (hit = strstr(s, old)); s = hit + strlen(old))
        text_add(&t, "%.*s%s", (int)(hit - s), s, by);
    text_add(&t, "%s", s);
    return value_str(ev->cx, t.s, t.n);
}

/* ---- numbers and element types ---- */

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
