/* Methods of strings that others are made of (prelude/str.py). arg[0] is the string. */
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

