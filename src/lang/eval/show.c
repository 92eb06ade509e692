/* Values as text: str() and repr(), by the program's own methods where it has them, and format(). */
#include "lang/lang.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAXSHOWN = 1 << 20, MAXDEEP = 40 }; /* of what is written of one value */

/* ---- numbers and strings ---- */

void text_int(Text *out, Int i)
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

void text_float(Text *out, double f)
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

bool text_escape(Text *out, unsigned char c, char quote)
{
    static const char from[] = "\n\t\r", to[] = "ntr";
    if (c == (unsigned char)quote || c == '\\')
        text_add(out, "\\%c", c);
    else if (c && strchr(from, c))
        text_add(out, "\\%c", to[strchr(from, c) - from]);
    else if (c < 0x20 || c == 0x7f)
        text_add(out, "\\x%02x", c);
    else
        return false;
    return true;
}

static void show_quoted(Text *out, const char *s, size_t n)
{
    char quote = memchr(s, '\'', n) && !memchr(s, '"', n) ? '"' : '\'';
    text_put(out, &quote, 1);
    for (size_t i = 0; i < n; i++)
        if (!text_escape(out, (unsigned char)s[i], quote)) text_put(out, &s[i], 1);
    text_put(out, &quote, 1);
}

/* ---- containers and objects ---- */

static void show_items(Eval *ev, Text *out, const Seq *s, const char *open, const char *close)
{
    text_add(out, "%s", open);
    out->indent++; /* counts how deep this is: nothing here is a line */
    for (int i = 0; i < s->n && out->n <= MAXSHOWN; i++) {
        text_add(out, i ? ", " : "");
        value_show(ev, out, &s->at[i], true);
    }
    out->indent--;
    text_add(out, "%s", close);
}

static void show_pairs(Eval *ev, Text *out, const Dict *d, const char *between)
{
    out->indent++;
    for (int i = 0; i < d->n && out->n <= MAXSHOWN; i++) {
        text_add(out, i ? ", " : "");
        value_show(ev, out, &d->key[i], between[0] == ':');
        text_add(out, "%s", between);
        value_show(ev, out, &d->val[i], true);
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

/* Colour.RED, or <Colour.RED: 1>; str() of an IntEnum's member is its number */
static void show_member(Eval *ev, Text *out, const Object *o, bool repr)
{
    const Value *value = attr_find(&o->attrs, intern(ev->cx, "value")),
                *name = attr_find(&o->attrs, intern(ev->cx, "name"));
    if (o->cls->ordered && !repr && value) {
        value_show(ev, out, value, false);
        return;
    }
    text_add(out, "%s%s.%s", repr ? "<" : "", o->cls->name, name ? name->s : "?");
    if (!repr || !value) return;
    text_add(out, ": ");
    value_show(ev, out, value, true);
    text_add(out, ">");
}

static void show_error(Eval *ev, Text *out, const Object *o, bool repr)
{
    const Value *args = attr_find(&o->attrs, intern(ev->cx, "args"));
    Seq none = {0};
    const Seq *s = args && args->kind == VAL_TUPLE ? args->seq : &none;
    if (repr) {
        text_add(out, "%s", o->cls->name);
        show_items(ev, out, s, "(", ")");
    } else if (s->n == 1) {
        value_show(ev, out, &s->at[0], class_below(o->cls, error_class(ev, "KeyError")));
    } else if (s->n > 1) {
        show_items(ev, out, s, "(", ")");
    }
}

static void show_object(Eval *ev, Text *out, const Value *v, bool repr)
{
    Value said;
    const Object *o = v->object;
    out->indent++;
    bool own = (!repr && call_special(ev, *v, "__str__", NULL, 0, (Span){0}, &said)) ||
               call_special(ev, *v, "__repr__", NULL, 0, (Span){0}, &said);
    out->indent--;
    if (own && said.kind == VAL_STR) {
        text_put(out, said.s, said.len);
    } else if (o->cls->is_enum) {
        show_member(ev, out, o, repr);
    } else if (o->cls->is_error) {
        show_error(ev, out, o, repr);
    } else if (o->cls->is_record) {
        text_add(out, "%s(", o->cls->name);
        show_pairs(ev, out, &o->attrs, "=");
        text_add(out, ")");
    } else {
        text_add(out, "<%s object>", o->cls->name);
    }
}

void value_show(Eval *ev, Text *out, const Value *v, bool repr)
{
    if (out->n > MAXSHOWN || out->indent > MAXDEEP) {
        text_add(out, "...");
        return;
    }
    switch (v->kind) {
    case VAL_NONE: text_add(out, "None"); break;
    case VAL_BOOL: text_add(out, v->i ? "True" : "False"); break;
    case VAL_INT: text_int(out, v->i); break;
    case VAL_FLOAT: text_float(out, v->f); break;
    case VAL_STR:
        if (repr)
            show_quoted(out, v->s, v->len);
        else
            text_put(out, v->s, v->len);
        break;
    case VAL_DTYPE: text_add(out, "%s", dtype_info[v->dtype].name); break;
    case VAL_ELLIPSIS: text_add(out, "Ellipsis"); break;
    case VAL_TUPLE: show_items(ev, out, v->seq, "(", v->seq->n == 1 ? ",)" : ")"); break;
    case VAL_LIST: show_items(ev, out, v->seq, "[", "]"); break;
    case VAL_SET: {
        Seq keys = {v->dict->n, v->dict->n, v->dict->key};
        show_items(ev, out, &keys, keys.n ? "{" : "set(", keys.n ? "}" : ")");
        break;
    }
    case VAL_SLICE: show_items(ev, out, v->seq, "slice(", ")"); break;
    case VAL_RANGE: {
        bool unit = v->seq->at[2].kind == VAL_INT && v->seq->at[2].i == 1;
        show_items(ev, out, &(Seq){unit ? 2 : 3, 3, v->seq->at}, "range(", ")");
        break;
    }
    case VAL_DICT:
        text_add(out, "{");
        show_pairs(ev, out, v->dict, ": ");
        text_add(out, "}");
        break;
    case VAL_OBJECT: show_object(ev, out, v, repr); break;
    case VAL_FUNC: text_add(out, "<function %s>", v->func->name); break;
    case VAL_BUILTIN: text_add(out, "<class '%s'>", v->builtin->name); break;
    case VAL_CLASS: text_add(out, "<class '%s'>", v->cls->name); break;
    case VAL_MODULE: text_add(out, "<module '%s'>", v->module->name); break;
    case VAL_FOREIGN: text_add(out, "%s", v->s); break;
    case VAL_EXPR: print_expr(out, v->expr); break;
    case VAL_BUF: text_add(out, "%s", v->buf->name); break;
    case VAL_REF: show_ref(out, v->ref); break;
    default: text_add(out, "<%s>", value_name[v->kind]);
    }
}

Value value_shown(Eval *ev, Value v, bool repr)
{
    Text t = text_new(&ev->cx->arena);
    value_show(ev, &t, &v, repr);
    return text_value(ev, &t, (Span){0});
}

Value text_value(Eval *ev, const Text *t, Span at)
{
    if (t->n > MAXSHOWN)
        eval_fail(ev, E0216, at, NULL, "a text of more than %d characters", (int)MAXSHOWN);
    return value_str(ev->cx, t->s, t->n);
}

void value_format(Eval *ev, Text *out, const Value *v, const char *spec, Span at)
{
    Value said, shown = plain_value(*v), fn;
    if (shown.kind == VAL_DTYPE || shown.kind == VAL_FOREIGN) shown = value_shown(ev, shown, false);
    Value arg[] = {shown, value_text(ev->cx, "%s", spec), value_text(ev->cx, "%s", value_name[v->kind])};
    if (v->kind == VAL_OBJECT && call_special(ev, *v, "__format__", &arg[1], 1, at, &said))
        value_show(ev, out, &said, false);
    else if (*spec && prelude_lookup(ev, "format", "_by_spec", &fn))
        text_add(out, "%s", call_simple(ev, fn, arg, 3, at).s);
    else
        value_show(ev, out, v, false);
}
