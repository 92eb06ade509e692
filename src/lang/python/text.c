/* Methods of strings, and formatting with % and {}. arg[0] is the string. */
#include "lang/lang.h"
#include <string.h>

static const char blanks[] = " \t\n\r\f\v";

static const char *text_arg(Eval *ev, Call *c, int slot, const char *what)
{
    return to_str(ev, c->arg[slot], c->at[slot], what);
}

Value m_join(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    const Seq *s = eval_items(ev, c->arg[1], c->at[1]);
    for (int i = 0; i < s->n; i++)
        text_add(&t, "%s%s", i ? c->arg[0].s : "",
                 to_str(ev, plain_value(s->at[i]), c->at[1], "an item to join"));
    return text_value(ev, &t, c->span);
}

/* ---- formatting ---- */

/* "a.b[c]" of a field, from the value named at its start */
static Value field_part(Eval *ev, Value v, const char *path, Span at)
{
    while (*path) {
        size_t n = strcspn(path + 1, ".[");
        const char *name = intern_n(ev->cx, path + 1, n);
        if (*path == '.') {
            v = eval_attr(ev, v, name, at);
        } else {
            size_t len = strcspn(path + 1, "]");
            const char *key = intern_n(ev->cx, path + 1, len);
            bool digits = *key && strspn(key, "0123456789") == strlen(key);
            Int i = 0;
            for (const char *d = key; digits && *d && i < 1 << 20; d++) i = i * 10 + (*d - '0');
            v = item_of(ev, v, digits ? value_int(i) : value_text(ev->cx, "%s", key), at);
            n = path[1 + len] ? len + 1 : len;
        }
        path += 1 + n;
    }
    return v;
}

/* the value of a field: by its number, the next one, or by name */
static Value field_value(Eval *ev, Call *c, const char *key, int *next)
{
    size_t len = strcspn(key, ".[");
    const char *name = intern_n(ev->cx, key, len);
    bool number = strspn(name, "0123456789") == strlen(name);
    int k = !*name ? (*next)++ : 0;
    for (const char *d = name; number && *d && k < 1000; d++) k = k * 10 + (*d - '0');
    const Value *v = number ? (k < c->rest.n ? &c->rest.at[k] : NULL) : attr_find(&c->others, name);
    if (!v)
        eval_fail(raising(ev, number ? "IndexError" : "KeyError"), E0205, c->span, NULL,
                  "the format has a field '%s' without a value", key);
    return field_part(ev, *v, key + len, c->span);
}

/* "{} {0} {name!r} {x:>4} {a.b[0]}" */
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
        size_t len = 0, name = strcspn(++s, ":!}");
        for (int deep = 0; s[len] && (deep || s[len] != '}'); len++) deep += (s[len] == '{') - (s[len] == '}');
        if (!s[len]) eval_fail(ev, E0205, c->at[0], NULL, "a field of the format is not closed");
        Value v = field_value(ev, c, intern_n(ev->cx, s, name), &next);
        const char *spec = s + name;
        if (*spec == '!' && spec[1]) {
            v = value_shown(ev, v, spec[1] != 's');
            spec += 2;
        }
        spec += *spec == ':';
        Text whole = text_new(&ev->cx->arena); /* the format may have fields of its own */
        for (const char *end = s + len; spec < end; spec++) {
            if (*spec != '{') {
                text_put(&whole, spec, 1);
                continue;
            }
            size_t n = strcspn(++spec, "}");
            Value inner = field_value(ev, c, intern_n(ev->cx, spec, n), &next);
            value_show(ev, &whole, &inner, false);
            spec += n;
        }
        value_format(ev, &t, &v, whole.s, c->span);
        s += len;
    }
    return text_value(ev, &t, c->span);
}

/* "%d of %-5s %(name)s %5.2f %%" % values */
Value text_percent(Eval *ev, const Value *format, Value args, Span at)
{
    Text t = text_new(&ev->cx->arena);
    int next = 0, n = args.kind == VAL_TUPLE ? args.seq->n : 1;
    for (const char *s = format->s; *s; s++) {
        if (*s != '%' || s[1] == '%') {
            text_put(&t, s, 1);
            s += *s == '%';
            continue;
        }
        Value v = NONE_VALUE;
        if (*++s == '(') {
            size_t len = strcspn(++s, ")");
            v = item_of(ev, args, value_str(ev->cx, s, len), at);
            s += len + (s[len] != 0);
            next = n = 0;
        } else {
            if (next >= n) eval_fail(ev, E0204, at, NULL, "not enough values for the format");
            v = args.kind == VAL_TUPLE ? args.seq->at[next++] : (next++, args);
        }
        Text spec = text_new(&ev->cx->arena);
        bool left = false;
        for (; *s && strchr("-+ #0", *s); s++)
            if (*s == '-')
                left = true;
            else
                text_put(&spec, s, 1);
        size_t width = strspn(s, "0123456789.");
        char type = s[width];
        if (!type) eval_fail(ev, E0205, at, NULL, "the format ends inside a field");
        Value shown = plain_value(v);
        if (type == 'r' || type == 's') shown = value_shown(ev, v, type == 'r');
        if ((type == 'd' || type == 'i') && shown.kind == VAL_FLOAT) shown = value_int((Int)shown.f);
        bool text = type == 'r' || type == 's';
        const char *whole = arena_printf(&ev->cx->arena, "%s%s%.*s%.*s", left ? "<" : text ? ">" : "",
                                         text ? "" : spec.s, (int)width, s, text ? 0 : 1,
                                         type == 'i' ? "d" : &type);
        value_format(ev, &t, &shown, whole, at);
        s += width;
    }
    if (next < n && args.kind != VAL_DICT)
        eval_fail(ev, E0204, at, NULL, "more values than the format has fields");
    return text_value(ev, &t, at);
}

/* ---- parts ---- */

static void add_part(Eval *ev, Value *list, const char *s, size_t n)
{
    seq_add(ev->cx, list->seq, value_str(ev->cx, s, n));
}

Value m_split(Eval *ev, Call *c)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    const char *s = c->arg[0].s;
    Int left = to_int(ev, c->arg[2], c->at[2], "maxsplit");
    if (c->arg[1].kind == VAL_NONE) {
        for (s += strspn(s, blanks); *s; s += strspn(s, blanks)) {
            size_t n = left-- == 0 ? strlen(s) : strcspn(s, blanks);
            add_part(ev, &out, s, n);
            s += n;
        }
        return out;
    }
    const char *sep = text_arg(ev, c, 1, "a separator");
    if (!*sep) eval_fail(ev, E0205, c->at[1], NULL, "an empty separator");
    for (const char *end; left-- != 0 && (end = strstr(s, sep)); s = end + strlen(sep))
        add_part(ev, &out, s, (size_t)(end - s));
    add_part(ev, &out, s, strlen(s));
    return out;
}

Value m_find(Eval *ev, Call *c)
{
    const char *s = c->arg[0].s, *hit = strstr(s, text_arg(ev, c, 1, "the text"));
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

